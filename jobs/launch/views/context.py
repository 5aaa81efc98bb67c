"""What the launch page shows of a draft."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _

from jobs.billing import charges
from jobs.launch.cell_selection import MOST_BOXES
from jobs.launch.form_state import LaunchFormState
from jobs.launch.forms import OPTION
from jobs.launch.plan import Plan, about
from jobs.launch.views.matrix_html import columns, rows
from jobs.launch.views.picker import Picker
from jobs.models import ProviderAccount
from jobs.recipe import Recipe
from portal.form_tokens import new_token
from portal.number_format import yuan
from providers import pricing, registry
from providers.contract import Capabilities, Option

SHOWN_REMARKS = 40


def context(request: HttpRequest, draft: LaunchFormState, reasons: Sequence[str]) -> dict[str, Any]:
    plan = draft.plans[0] if draft.plans else None
    chosen = draft.selection
    found: dict[str, Any] = {
        "section": "batches",
        "draft": draft,
        "form": draft.form,
        "selection": chosen,
        "plan": plan,
        "plans": draft.plans,
        "reasons": reasons,
        "token": new_token(),
        "picker": _picker(draft),
        "providers": [_card(account, draft) for account in draft.accounts],
        "ready": bool(plan and chosen.persons and chosen.outfits),
    }
    if plan:
        found |= {"recipe": _recipe(draft, plan)}
    if plan and found["ready"]:
        found |= _matrix(draft, plan) | _summary(draft)
    return found


def _picker(draft: LaunchFormState) -> Picker | None:
    """The one that was opened; without a choice, the one for what is missing."""
    wanted = "" if draft.do == "add" else draft.data.get("pick", "")
    missing = "" if draft.selection.persons else "persons"
    missing = missing or ("" if draft.selection.outfits else "garments")
    kind = wanted if wanted in ("persons", "garments") else missing
    return Picker(kind, draft.data) if kind else None


# --- the matrix


def _matrix(draft: LaunchFormState, plan: Plan) -> dict[str, Any]:
    remarks = plan.matrix.remarks
    rows_on, columns_on = draft.ticks.heads()
    boxed = len(plan.matrix.notes) <= MOST_BOXES
    return {
        "rows": [
            (person, str(person.get_view_display()), on, cells)
            for (person, cells), on in zip(
                rows(plan.matrix, draft.ticks.wanted), rows_on, strict=True
            )
        ],
        "columns": columns(draft.selection.outfits, columns_on, _("Whole column")),
        "ticks": draft.ticks.wanted,
        "by": "boxes" if boxed else "heads",
        "remarks": remarks[:SHOWN_REMARKS],
        "more_remarks": max(0, len(remarks) - SHOWN_REMARKS),
        "refusals_by_photo": any(r.css == "is-bad" and r.link for r in remarks),
    }


def _summary(draft: LaunchFormState) -> dict[str, Any]:
    """Count, price and duration of all providers together; they work side by side."""
    plans = draft.plans
    total = sum((plan.total for plan in plans), plans[0].total * 0)
    return {
        "count": sum(plan.count for plan in plans),
        "total": yuan(total),
        "duration": about(max(plan.seconds for plan in plans)),
        "refusals": draft.refusals(),
        "key": draft.key,
        "facts": json.dumps([plan.facts for plan in plans]),
        "compared": [
            (plan, yuan(plan.total), about(plan.seconds), draft.left_out(plan)) for plan in plans
        ],
        "left_out": draft.left_out(plans[0]),
    }


# --- the recipe


def _card(account: ProviderAccount, draft: LaunchFormState) -> dict[str, Any]:
    """One provider to choose: what an image costs, and why it may be slow or impossible."""
    why = registry.unavailable(account.alias)
    return {
        "account": account,
        "why": why,
        "price": "" if why else _price(account, draft),
        "paused": account.state == account.State.PAUSED,
        "chosen": account == draft.account,
        "also": account in draft.others,
    }


def _price(account: ProviderAccount, draft: LaunchFormState) -> str:
    capabilities = registry.capabilities(account.alias)
    model = capabilities.default_model("tryon")
    if account == draft.account:
        model = draft.plans[0].recipe.model
    if capabilities.runs_here:
        return _("%(model)s, no charge") % {"model": model}
    price = _next_price(account, model, draft)
    if not price:
        return _("%(model)s, price not set") % {"model": model}
    return _("%(model)s, %(price)s an image") % {"model": model, "price": price}


def _next_price(account: ProviderAccount, model: str, draft: LaunchFormState) -> str:
    table = pricing.table(account.alias, model)
    price = table.price_at(charges.used(account, model, table, draft.now).paid)
    return yuan(price) if price else ""


def _recipe(draft: LaunchFormState, plan: Plan) -> dict[str, Any]:
    """The options of the chosen provider; `why_…` is the reason of what cannot be chosen."""
    capabilities = registry.capabilities(plan.account.alias)
    recipe = plan.recipe
    return {
        "chosen": recipe,
        "models": [n for n, m in capabilities.models.items() if m.operation == "tryon"],
        "resolutions": [(r, _size(r)) for r in capabilities.resolutions],
        "why_size": _why_size(capabilities, recipe),
        "why_face": _why_face(capabilities, recipe),
        "why_keep": "" if capabilities.keep_rest else _("This provider cannot."),
        "why_refine": "" if capabilities.refine else _("This provider cannot."),
        "keep_price": _extra_price(plan, capabilities, "parse") if capabilities.keep_rest else "",
        "refine_price": _extra_price(plan, capabilities, "refine") if capabilities.refine else "",
        "samples": capabilities.samples,
        "options": [_option(option, recipe) for option in capabilities.options],
    }


def _size(resolution: int) -> str:
    known = {-1: _("As the photo"), 1024: "576 × 1024", 1280: "720 × 1280"}
    return known.get(resolution, str(resolution))


def _why_size(capabilities: Capabilities, recipe: Recipe) -> str:
    if len(capabilities.resolutions) < 2:
        return _("This provider chooses the size itself.")
    return _("Refining needs the photo’s own size.") if recipe.refine else ""


def _why_face(capabilities: Capabilities, recipe: Recipe) -> str:
    if not capabilities.restore_face:
        return _("This provider decides that itself.")
    return _("Always on when refining.") if recipe.refine else ""


def _extra_price(plan: Plan, capabilities: Capabilities, operation: Any) -> str:
    if operation == "parse" and capabilities.keeps_rest_itself:
        return ""
    model = capabilities.default_model(operation)
    table = pricing.table(plan.account.alias, model)
    price = table.price_at(charges.used(plan.account, model, table, plan.now).paid)
    return f"+{yuan(price)}" if price else ""


def _option(option: Option, recipe: Recipe) -> dict[str, Any]:
    value = recipe.extra.get(option.name)
    return {
        "name": OPTION + option.name,
        "label": _(option.label),
        "help": _(option.help) if option.help else "",
        "ticked": bool(value),
        "choices": [(c.key, _(c.label), c.value == value) for c in option.choices],
        "otherwise": _(option.otherwise) if option.otherwise else "",
    }
