"""The contact sheet: many results at a glance, and one decision about those that are ticked."""

from __future__ import annotations

from collections.abc import Sequence

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_safe

from jobs.models import Result
from portal.authenticated_request import AuthenticatedRequest
from portal.posts import back
from review.bulk import MAX_RESULTS, BulkOutcome, decide_all, publish_all
from review.models import Decision
from review.views import retry
from review.views.contact_sheet_search import SheetSearch
from review.views.forms import DecisionForm

PAGE_SIZE = 96
# More links than these help nobody.
MAX_NAMED = 8
VERDICTS = {
    "approve": Result.Review.APPROVED,
    "reject": Result.Review.REJECTED,
    "reopen": Result.Review.PENDING,
}
# More reasons than these help nobody.
MAX_REFUSALS = 10
PERMISSIONS = dict.fromkeys(VERDICTS, "jobs.change_result")
PERMISSIONS |= {"publish": "jobs.publish_result", "again": "jobs.add_batch"}


@login_required
@permission_required("jobs.view_result", raise_exception=True)
@require_safe
def sheet(request: AuthenticatedRequest) -> HttpResponse:
    search = SheetSearch(request.GET)
    page = search.page(PAGE_SIZE)
    context = {
        "search": search,
        "page": page,
        "groups": search.groups(page.rows),
        "menus": search.menus,
        "reasons": Decision.Reason.choices,
        "can_act": any(request.user.has_perm(right) for right in PERMISSIONS.values()),
        "newest": search.address(order=""),
        "oldest": search.address(order="oldest"),
        "section": "sheet",
    }
    return render(request, "review/contact_sheet.html", context)


@login_required
def sheet_do(request: AuthenticatedRequest) -> HttpResponse:
    """Do the pressed button's action to the ticked results."""
    if request.method != "POST":
        return redirect("sheet")
    act = "reject" if "reason" in request.POST else request.POST.get("do", "")
    if act not in PERMISSIONS:
        return HttpResponseBadRequest(_("This cannot be done with a selection."))
    if not request.user.has_perm(PERMISSIONS[act]):
        raise PermissionDenied
    selected = _parse_selection(request.POST.getlist("ids"))
    if not selected or len(selected) > MAX_RESULTS:
        text = _("Nothing is selected. Tick some results first.")
        too_many = _("That is more than %d results: tick fewer.") % MAX_RESULTS
        messages.warning(request, too_many if selected else text)
        return back(request, "sheet")
    if act == "again":
        return retry.offer_attempts(request, list(selected))
    if act == "publish":
        _add_messages(request, act, publish_all(selected, request.user))
        return back(request, "sheet")
    return _decide(request, act, selected)


def _decide(request: AuthenticatedRequest, act: str, selected: dict[int, str]) -> HttpResponse:
    form = DecisionForm(request.POST.dict() | {"verdict": VERDICTS[act]})
    if not form.is_valid():
        return HttpResponseBadRequest(_("This decision is not known."))
    data = form.cleaned_data
    reason_and_note = {name: data[name] if act == "reject" else "" for name in ("reason", "note")}
    _add_messages(
        request, act, decide_all(selected, data["verdict"], request.user, **reason_and_note)
    )
    return back(request, "sheet")


def _parse_selection(values: Sequence[str]) -> dict[int, str]:
    """Parse "12.pending": a result and the state in which it was ticked."""
    found = {}
    for value in values:
        pk, _dot, state = value.partition(".")
        if pk.isascii() and pk.isdecimal() and len(pk) < 19 and state in Result.Review.values:
            found[int(pk)] = state
    return found


def _add_messages(request: AuthenticatedRequest, act: str, outcome: BulkOutcome) -> None:
    n = len(outcome.done)
    level = messages.SUCCESS if n else messages.INFO
    messages.add_message(request, level, _DONE_MESSAGES[act](n) % {"n": n})
    if outcome.skipped:
        messages.warning(request, _skipped_message(act, outcome.skipped))
    if outcome.with_rival:
        text = _("Another attempt at the same try-on is approved. Choose which one to keep:")
        messages.warning(
            request, format_html("{} {}", text, _result_links(outcome.with_rival, "choose/"))
        )
    for refusal in outcome.refused[:MAX_REFUSALS]:
        messages.error(request, refusal)
    if more := len(outcome.refused[MAX_REFUSALS:]):
        messages.error(request, _("%(n)d more were refused for such reasons.") % {"n": more})


_DONE_MESSAGES = {
    "approve": lambda n: ngettext("%(n)d result approved.", "%(n)d results approved.", n),
    "reject": lambda n: ngettext("%(n)d result rejected.", "%(n)d results rejected.", n),
    "reopen": lambda n: ngettext(
        "%(n)d result waits for review again.", "%(n)d results wait for review again.", n
    ),
    "publish": lambda n: ngettext("%(n)d result published.", "%(n)d results published.", n),
}


def _skipped_message(act: str, skipped: Sequence[Result]) -> SafeString:
    n = len(skipped)
    if act == "publish":
        text = ngettext(
            "%(n)d cannot be published: only approved ones that are not published yet can.",
            "%(n)d cannot be published: only approved ones that are not published yet can.",
            n,
        )
    elif act == "reopen":
        text = ngettext(
            "%(n)d had nothing to undo, or was decided meanwhile, and stays as it is:",
            "%(n)d had nothing to undo, or were decided meanwhile, and stay as they are:",
            n,
        )
    else:
        text = ngettext(
            "%(n)d had been decided meanwhile and stays as it is:",
            "%(n)d had been decided meanwhile and stay as they are:",
            n,
        )
    return format_html("{} {}", text % {"n": n}, _result_links(skipped))


def _result_links(results: Sequence[Result], page: str = "") -> SafeString:
    """Link the first few results by name, with their states."""
    rows = (
        (result.get_absolute_url() + page, result.job, result.get_review_display())
        for result in results[:MAX_NAMED]
    )
    links = format_html_join(", ", '<a href="{}">{}</a> ({})', rows)
    rest = len(results) - MAX_NAMED
    return format_html("{} {}", links, _("and %d more") % rest) if rest > 0 else links
