"""The launch page: persons × outfits × a recipe, what it costs, and the button that spends it."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from jobs.billing import charges
from jobs.launch import presets
from jobs.launch.create import LaunchRefused, launch_plans
from jobs.launch.form import OPTION, LaunchFormState
from jobs.launch.matrix import Matrix, columns, rows
from jobs.launch.plan import Plan, about
from jobs.launch.selection import MOST_BOXES, SKIP, format_outfits
from jobs.launch.views.picker import Picker
from jobs.models import ProviderAccount
from jobs.recipe import Recipe
from portal.form_tokens import is_valid, new_token, run_once
from portal.number_format import yuan
from providers import registry
from providers.contract import Capabilities, Operation, Option

PRESET_RIGHTS = {"preset-save": "add", "preset-update": "change", "preset-delete": "delete"}
SHOWN_NOTICES = 40


@never_cache
@login_required
@permission_required("jobs.add_batch", raise_exception=True)
@require_http_methods(["GET", "HEAD", "POST"])
def launch(request: HttpRequest) -> HttpResponse:
    """Show what a launch would make and cost; queue it only when exactly that was agreed to."""
    state = LaunchFormState(request.POST if request.method == "POST" else request.GET)
    if request.method == "POST" and state.do == "launch":
        return _launch(request, state)
    if request.method == "POST" and state.do in PRESET_RIGHTS:
        state = _change_preset(request, state)
    return page(request, state)


# --- the button


def _launch(request: HttpRequest, state: LaunchFormState) -> HttpResponse:
    token = state.data.get("token", "")
    if not state.form.is_valid() or not is_valid(token):
        return page(request, state, [_("Nothing was launched yet: look at what is marked.")])
    # Before the token is looked up: what a first click launches meanwhile changes the plan.
    agreed = state.is_agreed()

    def launch_agreed() -> str:
        if not agreed:
            text = _("Nothing was launched yet. The number or the price changed: look again.")
            raise LaunchRefused([text])
        return _launch_plans(request, state)

    try:
        return redirect(run_once(request, token, launch_agreed))
    except LaunchRefused as refused:
        return page(request, state, refused.reasons)


def _launch_plans(request: HttpRequest, state: LaunchFormState) -> str:
    """Launch them, leave messages of what was done, and return the address of the first batch."""
    data, plans = state.form.cleaned_data, state.plans
    n = sum(plan.count for plan in plans)
    reused = sum(len(plan.reused) for plan in plans if plan.count)
    done = launch_plans(plans, by=request.user, name=data["name"], budget=data["budget"])
    text = ngettext("%(n)d try-on launched.", "%(n)d try-ons launched.", n) % {"n": n}
    messages.success(request, text)
    if len(done.batches) > 1:
        named = (
            (batch.get_absolute_url(), registry.provider_name(batch.account.alias))
            for batch in done.batches
        )
        links = format_html_join(", ", '<a href="{}">{}</a>', named)
        messages.info(request, format_html("{} {}", _("To compare:"), links))
    for reason in done.skipped:
        messages.warning(request, reason)
    if reused:
        text = ngettext(
            "%(n)d was made before or is on its way: see it there, it costs nothing.",
            "%(n)d were made before or are on their way: see them there, they cost nothing.",
            reused,
        )
        messages.info(request, text % {"n": reused})
    return done.batches[0].get_absolute_url()


# --- saved recipes


def _change_preset(request: HttpRequest, state: LaunchFormState) -> LaunchFormState:
    """Save, update or delete a recipe; the page stays as it is."""
    if not request.user.has_perm(f"jobs.{PRESET_RIGHTS[state.do]}_preset"):
        messages.error(request, _("You have no right to change saved recipes."))
        return state
    preset = state.preset
    try:
        if not state.plans:
            raise presets.PresetRefused(_("There is no provider to save a recipe for."))
        plan = state.plans[0]
        if state.do == "preset-save":
            name = state.form.cleaned_data.get("preset_name", "")
            preset = presets.save(name, plan.account, plan.recipe, request.user)
            messages.success(request, _("Recipe “%s” is saved.") % preset)
        elif preset is None:
            raise presets.PresetRefused(_("Choose a saved recipe first."))
        elif state.do == "preset-update":
            presets.update(preset, plan.account, plan.recipe)
            messages.success(request, _("Recipe “%s” is updated.") % preset)
        else:
            preset.delete()
            messages.success(request, _("Recipe “%s” is deleted.") % preset)
    except presets.PresetRefused as refused:
        messages.error(request, str(refused))
        return state
    return LaunchFormState(state.data)


# --- the page


def page(request: HttpRequest, state: LaunchFormState, reasons: Sequence[str] = ()) -> HttpResponse:
    """The page of a form's state. `reasons`: why nothing was launched."""
    plans = state.plans
    axes = state.selection.axes
    context: dict[str, Any] = {
        "section": "batches",
        "reasons": reasons,
        "state": state,
        "form": state.form,
        "selection": state.selection,
        "persons_value": ",".join(map(str, axes.persons)),
        "outfits_value": format_outfits(axes.outfits),
        "plan": plans[0] if plans else None,
        "plans": plans,
        "token": new_token(),
        "providers": [_provider_card(account, state) for account in state.accounts],
        "ready": bool(plans and axes.persons and axes.outfits),
    }
    # The picker that was opened; without a choice, the one for what is missing.
    wanted = "" if state.do == "add" else state.data.get("pick", "")
    missing = "" if axes.persons else "persons"
    missing = missing or ("" if axes.outfits else "garments")
    if kind := wanted if wanted in ("persons", "garments") else missing:
        context["picker"] = Picker(kind, state.data)
    if plans:
        context["recipe"] = _recipe(plans[0])
    if context["ready"]:
        context |= _matrix(state) | _summary(state)
    return render(request, "jobs/launch.html", context)


def _matrix(state: LaunchFormState) -> dict[str, Any]:
    matrices = [Matrix.of(plan) for plan in state.plans]
    matrix = matrices[0]
    rows_on, columns_on = state.cells.heads()
    width = len(state.selection.outfits)
    cells = rows(matrix.statuses, state.cells.wanted, width)
    return {
        "rows": [
            (person, str(person.get_view_display()), on, row)
            for person, on, row in zip(state.selection.persons, rows_on, cells, strict=True)
        ],
        "columns": columns(state.selection.outfits, columns_on, _("Whole column")),
        "shown": matrix.shown,
        "by": "boxes" if len(matrix.statuses) <= MOST_BOXES else "heads",
        "notices": matrix.notices[:SHOWN_NOTICES],
        "more_notices": max(0, len(matrix.notices) - SHOWN_NOTICES),
        "refusals_by_photo": any(n.css == "is-bad" and n.link for n in matrix.notices),
        "compared": [
            {
                "plan": plan,
                "total": yuan(plan.estimate.total),
                "duration": about(plan.seconds),
                "left_out": state.left_out(plan),
                # Wanted cells that this provider, or a check, refuses.
                "dropped": sum(
                    (cell.refused or cell.twin) and cell.wanted != SKIP for cell in plan.cells
                ),
                "reasons": [n.text for n in each.notices if n.css == "is-bad"][:3],
            }
            for plan, each in zip(state.plans, matrices, strict=True)
        ],
    }


def _summary(state: LaunchFormState) -> dict[str, Any]:
    """Count, price and duration of all providers together; they work side by side.

    `left`: what the chosen account may still spend this month; "" without a budget.
    """
    plans = state.plans
    estimate, left = plans[0].estimate, ""
    if estimate.budget is not None:
        rest = max(Decimal(0), estimate.budget - estimate.spent)
        left = _("%(left)s of %(budget)s") % {"left": yuan(rest), "budget": yuan(estimate.budget)}
    return {
        "count": sum(plan.count for plan in plans),
        "total": yuan(sum(plan.estimate.total for plan in plans)),
        "duration": about(max(plan.seconds for plan in plans)),
        "left": left,
        "refusals": state.refusals(),
        "agreement": state.agreement,
        "left_out": state.left_out(plans[0]),
    }


def _provider_card(account: ProviderAccount, state: LaunchFormState) -> dict[str, Any]:
    """One provider to choose: what an image costs, and why it may be slow or impossible."""
    why = registry.unavailable_reason(account.alias)
    chosen = account == state.account
    price = ""
    if not why:
        capabilities = registry.capabilities(account.alias)
        model = capabilities.default_model("tryon")
        if chosen:
            model = state.plans[0].recipe.model
        cost = charges.next_price(account, model, state.now)
        name = registry.model_name(account.alias, model)
        if capabilities.runs_here:
            price = _("%(model)s, no charge") % {"model": name}
        elif not cost:
            price = _("%(model)s, price not set") % {"model": name}
        else:
            price = _("%(model)s, %(price)s an image") % {"model": name, "price": yuan(cost)}
    return {
        "account": account,
        "why": why,
        "price": price,
        "paused": account.state == account.State.PAUSED,
        "chosen": chosen,
        "also": account in state.others,
    }


def _recipe(plan: Plan) -> dict[str, Any]:
    """The options of the chosen provider; `why_…` is the reason of what cannot be chosen."""
    capabilities = registry.capabilities(plan.account.alias)
    recipe = plan.recipe
    why_size = _("Refining needs the photo’s own size.") if recipe.refine else ""
    if len(capabilities.resolutions) < 2:
        why_size = _("This provider chooses the size itself.")
    why_face = _("Always on when refining.") if recipe.refine else ""
    if not capabilities.restore_face:
        why_face = _("This provider decides that itself.")
    sizes = {-1: _("As the photo"), 1024: "576 × 1024", 1280: "720 × 1280"}
    return {
        "chosen": recipe,
        "models": [n for n, m in capabilities.models.items() if m.operation == "tryon"],
        "resolutions": [(r, sizes.get(r, str(r))) for r in capabilities.resolutions],
        "why_size": why_size,
        "why_face": why_face,
        "why_keep": "" if capabilities.keep_rest else _("This provider cannot."),
        "why_refine": "" if capabilities.refine else _("This provider cannot."),
        "keep_price": _extra_price(plan, capabilities, "parse"),
        "refine_price": _extra_price(plan, capabilities, "refine"),
        "samples": capabilities.samples,
        "options": [_option(option, recipe) for option in capabilities.options],
    }


def _extra_price(plan: Plan, capabilities: Capabilities, operation: Operation) -> str:
    """What a further step adds to each try-on; "" where there is none, or it costs nothing."""
    able = capabilities.refine
    if operation == "parse":
        able = capabilities.keep_rest and not capabilities.keeps_rest_itself
    if not able:
        return ""
    model = capabilities.default_model(operation)
    price = charges.next_price(plan.account, model, plan.now)
    return f"+{yuan(price)}" if price else ""


def _option(option: Option, recipe: Recipe) -> dict[str, Any]:
    value = recipe.extra.get(option.name)
    return {
        "name": OPTION + option.name,
        "label": _(option.label),
        "help": _(option.help) if option.help else "",
        "ticked": bool(value),
        "choices": [(c.key, _(c.label), c.value == value) for c in option.choices],
        "otherwise": _(option.unset_label) if option.unset_label else "",
    }
