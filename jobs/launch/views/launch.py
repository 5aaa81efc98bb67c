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
from jobs.launch.create import LaunchRefused
from jobs.launch.form_state import LaunchFormState
from jobs.launch.submit import Launched, launch_plans
from jobs.launch.views.context import context
from jobs.models import Batch
from portal.form_tokens import is_valid, redirect_of, run_once

PRESET_RIGHTS = {"preset-save": "add", "preset-update": "change", "preset-delete": "delete"}


@never_cache
@login_required
@permission_required("jobs.add_batch", raise_exception=True)
@require_http_methods(["GET", "HEAD", "POST"])
def launch(request: HttpRequest) -> HttpResponse:
    """Show what a launch would make and cost; queue it only when exactly that was agreed to."""
    draft = LaunchFormState(request.POST if request.method == "POST" else request.GET)
    if request.method == "POST" and draft.do == "launch":
        return _launch(request, draft)
    if request.method == "POST" and draft.do in PRESET_RIGHTS:
        draft = _preset(request, draft)
    return page(request, draft)


def page(request: HttpRequest, draft: LaunchFormState, reasons: Sequence[str] = ()) -> HttpResponse:
    return render(request, "jobs/launch.html", context(request, draft, reasons))


def _launch(request: HttpRequest, draft: LaunchFormState) -> HttpResponse:
    token = draft.data.get("token", "")
    if not draft.form.is_valid() or not is_valid(token):
        return page(request, draft, [_("Nothing was launched yet: look at what is marked.")])
    agreed = draft.is_agreed()
    # Asked after the plan was made: what a first click has launched meanwhile has changed that.
    if known := redirect_of(request, token):
        return redirect(known)
    if not agreed:
        text = _("Nothing was launched yet. The number or the price changed: look again.")
        return page(request, draft, [text])
    try:
        return redirect(run_once(request, token, lambda: _launched(request, draft)))
    except LaunchRefused as refused:
        return page(request, draft, refused.reasons)


def _launched(request: HttpRequest, draft: LaunchFormState) -> str:
    """Launch it, say so, and return the address of the first batch."""
    data = draft.form.cleaned_data
    names = ("name", "budget", "override")
    done = launch_plans(draft.plans, by=request.user, **{name: data[name] for name in names})
    _tell(request, done)
    return done.batches[0].get_absolute_url()


def _tell(request: HttpRequest, done: Launched) -> None:
    n = sum(batch.jobs.count() for batch in done.batches)
    text = ngettext("%(n)d try-on launched.", "%(n)d try-ons launched.", n) % {"n": n}
    messages.success(request, text)
    if len(done.batches) > 1:
        links = format_html_join(", ", '<a href="{}">{}</a>', map(_link, done.batches))
        messages.info(request, format_html("{} {}", _("To compare:"), links))
    for reason in done.skipped:
        messages.warning(request, reason)
    if offered := sum(batch.reused_jobs.count() for batch in done.batches):
        text = ngettext(
            "%(n)d was made before or is on its way: see it there, it costs nothing.",
            "%(n)d were made before or are on their way: see them there, they cost nothing.",
            offered,
        )
        messages.info(request, text % {"n": offered})


def _link(batch: Batch) -> tuple[str, str]:
    return batch.get_absolute_url(), str(batch.account)


def _preset(request: HttpRequest, draft: LaunchFormState) -> LaunchFormState:
    """Save, update or delete a recipe; the page stays as it is."""
    if not request.user.has_perm(f"jobs.{PRESET_RIGHTS[draft.do]}_preset"):
        messages.error(request, _("You have no right to change saved recipes."))
        return draft
    try:
        _change_preset(request, draft)
    except presets.PresetRefused as refused:
        messages.error(request, str(refused))
        return draft
    return LaunchFormState(draft.data)


def _change_preset(request: HttpRequest, draft: LaunchFormState) -> None:
    if not draft.plans:
        raise presets.PresetRefused(_("There is no provider to save a recipe for."))
    plan, preset = draft.plans[0], draft.preset
    if draft.do == "preset-save":
        name = draft.form.cleaned_data.get("preset_name", "")
        preset = presets.save(name, plan.account, plan.recipe, request.user)
        messages.success(request, _("Recipe “%s” is saved.") % preset)
    elif preset is None:
        raise presets.PresetRefused(_("Choose a saved recipe first."))
    elif draft.do == "preset-update":
        presets.update(preset, plan.account, plan.recipe)
        messages.success(request, _("Recipe “%s” is updated.") % preset)
    else:
        preset.delete()
        messages.success(request, _("Recipe “%s” is deleted.") % preset)
