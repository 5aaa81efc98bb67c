"""The launch page: persons × outfits × a recipe, what it costs, and the button that spends it."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from jobs.launch import presets
from jobs.launch.create import Launched, LaunchRefused, launch_plans
from jobs.launch.form import LaunchFormState
from jobs.launch.views.page import context
from portal.form_tokens import is_valid, redirect_of, run_once

PRESET_RIGHTS = {"preset-save": "add", "preset-update": "change", "preset-delete": "delete"}


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
        state = _preset(request, state)
    return page(request, state)


def page(request: HttpRequest, state: LaunchFormState, reasons: Sequence[str] = ()) -> HttpResponse:
    return render(request, "jobs/launch.html", context(state) | {"reasons": reasons})


def _launch(request: HttpRequest, state: LaunchFormState) -> HttpResponse:
    token = state.data.get("token", "")
    if not state.form.is_valid() or not is_valid(token):
        return page(request, state, [_("Nothing was launched yet: look at what is marked.")])
    agreed = state.is_agreed()
    # Asked after the plan was made: what a first click has launched meanwhile has changed that.
    if known := redirect_of(request, token):
        return redirect(known)
    if not agreed:
        text = _("Nothing was launched yet. The number or the price changed: look again.")
        return page(request, state, [text])
    try:
        return redirect(run_once(request, token, lambda: _launched(request, state)))
    except LaunchRefused as refused:
        return page(request, state, refused.reasons)


def _launched(request: HttpRequest, state: LaunchFormState) -> str:
    """Launch it, say so, and return the address of the first batch."""
    data = state.form.cleaned_data
    done = launch_plans(state.plans, by=request.user, name=data["name"], budget=data["budget"])
    _report(request, state, done)
    return done.batches[0].get_absolute_url()


def _report(request: HttpRequest, state: LaunchFormState, done: Launched) -> None:
    n = sum(plan.count for plan in state.plans)
    text = ngettext("%(n)d try-on launched.", "%(n)d try-ons launched.", n) % {"n": n}
    messages.success(request, text)
    if len(done.batches) > 1:
        named = ((batch.get_absolute_url(), str(batch.account)) for batch in done.batches)
        links = format_html_join(", ", '<a href="{}">{}</a>', named)
        messages.info(request, format_html("{} {}", _("To compare:"), links))
    for reason in done.skipped:
        messages.warning(request, reason)
    if reused := sum(len(plan.reused) for plan in state.plans if plan.count):
        text = ngettext(
            "%(n)d was made before or is on its way: see it there, it costs nothing.",
            "%(n)d were made before or are on their way: see them there, they cost nothing.",
            reused,
        )
        messages.info(request, text % {"n": reused})


def _preset(request: HttpRequest, state: LaunchFormState) -> LaunchFormState:
    """Save, update or delete a recipe; the page stays as it is."""
    if not request.user.has_perm(f"jobs.{PRESET_RIGHTS[state.do]}_preset"):
        messages.error(request, _("You have no right to change saved recipes."))
        return state
    try:
        _change_preset(request, state)
    except presets.PresetRefused as refused:
        messages.error(request, str(refused))
        return state
    return LaunchFormState(state.data)


def _change_preset(request: HttpRequest, state: LaunchFormState) -> None:
    if not state.plans:
        raise presets.PresetRefused(_("There is no provider to save a recipe for."))
    plan, preset = state.plans[0], state.preset
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
