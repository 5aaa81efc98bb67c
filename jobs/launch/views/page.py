"""What the launch page shows of a form's state."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from jobs.billing import charges
from jobs.launch.form import OPTION, LaunchFormState
from jobs.launch.matrix import Matrix
from jobs.launch.plan import Plan, about, left_this_month
from jobs.launch.selection import MOST_BOXES, SKIP, format_outfits
from jobs.launch.views.matrix_html import columns, rows
from jobs.launch.views.picker import Picker
from jobs.models import ProviderAccount
from jobs.recipe import Recipe
from portal.form_tokens import new_token
from portal.number_format import yuan
from providers import registry
from providers.contract import Capabilities, Option

SHOWN_NOTICES = 40


def context(state: LaunchFormState) -> dict[str, Any]:
    """Everything but the reasons of a refused launch."""
    plans = state.plans
    axes = state.selection.axes
    found: dict[str, Any] = {
        "section": "batches",
        "state": state,
        "form": state.form,
        "selection": state.selection,
        "persons_value": ",".join(map(str, axes.persons)),
        "outfits_value": format_outfits(axes.outfits),
        "plan": plans[0] if plans else None,
        "plans": plans,
        "token": new_token(),
        "providers": [_card(account, state) for account in state.accounts],
        "ready": bool(plans and axes.persons and axes.outfits),
    }
    # The picker that was opened; without a choice, the one for what is missing.
    wanted = "" if state.do == "add" else state.data.get("pick", "")
    missing = "" if axes.persons else "persons"
    missing = missing or ("" if axes.outfits else "garments")
    if kind := wanted if wanted in ("persons", "garments") else missing:
        found["picker"] = Picker(kind, state.data)
    if plans:
        found["recipe"] = _recipe(plans[0])
    if found["ready"]:
        found |= _matrix(state) | _summary(state)
    return found


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
                "dropped": _dropped(plan),
                "reasons": [n.text for n in each.notices if n.css == "is-bad"][:3],
            }
            for plan, each in zip(state.plans, matrices, strict=True)
        ],
    }


def _dropped(plan: Plan) -> int:
    """How many wanted cells this provider, or a check, refuses."""
    return sum((each.refused or each.twin) and each.wanted != SKIP for each in plan.cells)


def _summary(state: LaunchFormState) -> dict[str, Any]:
    """Count, price and duration of all providers together; they work side by side."""
    plans = state.plans
    return {
        "count": sum(plan.count for plan in plans),
        "total": yuan(sum(plan.estimate.total for plan in plans)),
        "duration": about(max(plan.seconds for plan in plans)),
        "left": left_this_month(plans[0].estimate),
        "refusals": state.refusals(),
        "agreement": state.agreement,
        "left_out": state.left_out(plans[0]),
    }


# --- the recipe


def _card(account: ProviderAccount, state: LaunchFormState) -> dict[str, Any]:
    """One provider to choose: what an image costs, and why it may be slow or impossible."""
    why = registry.unavailable(account.alias)
    chosen = account == state.account
    price = ""
    if not why:
        capabilities = registry.capabilities(account.alias)
        model = capabilities.default_model("tryon")
        if chosen:
            model = state.plans[0].recipe.model
        cost = charges.next_price(account, model, state.now)
        if capabilities.runs_here:
            price = _("%(model)s, no charge") % {"model": model}
        elif not cost:
            price = _("%(model)s, price not set") % {"model": model}
        else:
            said = {"model": model, "price": yuan(cost)}
            price = _("%(model)s, %(price)s an image") % said
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


def _extra_price(plan: Plan, capabilities: Capabilities, operation: Any) -> str:
    """What a further step adds to each try-on; "" where there is none, or it costs nothing."""
    able = {"parse": capabilities.keep_rest, "refine": capabilities.refine}[operation]
    if not able or (operation == "parse" and capabilities.keeps_rest_itself):
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
