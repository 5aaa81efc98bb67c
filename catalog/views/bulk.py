"""One change to many assets, as the bar under the library's grid asks for it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.core.exceptions import PermissionDenied
from django.db.models import ProtectedError
from django.http import HttpRequest, HttpResponse, HttpResponseBadRequest
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from catalog.library.bulk_actions import (
    ACTS,
    GARMENTS_ONLY,
    ActForm,
    Selection,
    apply,
    erase_unused,
)
from catalog.models import Asset, Garment, Person
from portal.posts import back

SHOWN = 50
PICTURES = 16
# The matrix of a launch is looked at by a person.
MOST_LAUNCHED = 1000


@login_required
@permission_required("catalog.view_garment", raise_exception=True)
def change_garments(request: HttpRequest) -> HttpResponse:
    return _change(request, Garment)


@login_required
@permission_required("catalog.view_person", raise_exception=True)
def change_persons(request: HttpRequest) -> HttpResponse:
    return _change(request, Person)


def _change(request: HttpRequest, model: type[Asset]) -> HttpResponse:
    kind = str(model._meta.model_name)
    if request.method != "POST":
        return redirect(f"{kind}s")
    act = request.POST.get("do", "")
    if act not in {*ACTS, "launch", "delete"} or (model is Person and act in GARMENTS_ONLY):
        return HttpResponseBadRequest(_("This cannot be done with a selection."))
    _check(request, _permission(act, kind))
    selection = Selection(model, request.POST, timezone.localdate())
    if not selection:
        messages.warning(request, _("Nothing is selected. Tick some photos first."))
        return back(request, f"{kind}s")
    if act == "launch":
        return _launch(request, selection, kind)
    if act == "delete":
        return _delete(request, selection, kind)
    return _apply(request, act, selection, kind)


def _permission(act: str, kind: str) -> str:
    if act == "launch":
        return "jobs.add_batch"
    return f"catalog.{'delete' if act == 'delete' else 'change'}_{kind}"


def _check(request: HttpRequest, permission: str) -> None:
    if not request.user.has_perm(permission):
        raise PermissionDenied


def _apply(request: HttpRequest, act: str, selection: Selection, kind: str) -> HttpResponse:
    form = ActForm(request.POST)
    if not form.is_valid():
        messages.error(request, " ".join(str(e) for es in form.errors.values() for e in es))
    elif ACTS[act].lacks(form.cleaned_data):
        messages.error(request, str(ACTS[act].missing))
    else:
        if act == "collect" and form.cleaned_data["new_collection"]:
            _check(request, "catalog.add_collection")
        apply(act, selection, form.cleaned_data, request.user)
        n = len(selection)
        messages.success(request, _SAID[act](n) % {"n": n})
    return back(request, f"{kind}s")


_SAID = {
    "tag": lambda n: ngettext("Tag put on %(n)d photo.", "Tag put on %(n)d photos.", n),
    "untag": lambda n: ngettext("Tag taken off %(n)d photo.", "Tag taken off %(n)d photos.", n),
    "collect": lambda n: ngettext(
        "%(n)d photo put into the collection.", "%(n)d photos put into the collection.", n
    ),
    "release": lambda n: ngettext(
        "%(n)d photo taken out of the collection.", "%(n)d photos taken out of the collection.", n
    ),
    "season": lambda n: ngettext("Season set on %(n)d photo.", "Season set on %(n)d photos.", n),
    "archive": lambda n: ngettext("%(n)d photo archived.", "%(n)d photos archived.", n),
    "restore": lambda n: ngettext("%(n)d photo restored.", "%(n)d photos restored.", n),
}


def _launch(request: HttpRequest, selection: Selection, kind: str) -> HttpResponse:
    """Hand the selection on to the launch page, which takes ids in one field."""
    if len(selection) > MOST_LAUNCHED:
        text = _("A launch takes at most %d photos: narrow the filters, or tick fewer.")
        messages.error(request, text % MOST_LAUNCHED)
        return back(request, f"{kind}s")
    ids = ",".join(map(str, selection.ids))
    context = {"kind": kind, "section": f"{kind}s", "ids": ids, "n": len(selection)}
    return render(request, "catalog/launch_redirect.html", context)


def _delete(request: HttpRequest, selection: Selection, kind: str) -> HttpResponse:
    """Say first what goes and what stays; the second time, do it."""
    wish = request.POST.get("confirm", "")
    if not wish:
        return render(request, "catalog/delete.html", _at_stake(request, selection, kind))
    try:
        n = erase_unused(selection, request.user)
    except ProtectedError:
        messages.error(request, _("One of them was just used in a try-on: nothing was deleted."))
        return back(request, f"{kind}s")
    text = ngettext("%(n)d photo deleted.", "%(n)d photos deleted.", n)
    messages.success(request, text % {"n": n})
    if wish == "archive" and n < len(selection):
        _archive_rest(request, selection, kind)
    return redirect(f"{kind}s")


def _archive_rest(request: HttpRequest, selection: Selection, kind: str) -> None:
    """Those of a deleted selection that are used in try-ons."""
    _check(request, f"catalog.change_{kind}")
    selection.ids = selection.rows(lambda rows: rows.values_list("pk", flat=True))
    apply("archive", selection, {}, request.user)
    n = len(selection)
    text = ngettext(
        "%(n)d is used in try-ons and was archived.",
        "%(n)d are used in try-ons and were archived.",
        n,
    )
    messages.info(request, text % {"n": n})


def _at_stake(request: HttpRequest, selection: Selection, kind: str) -> dict[str, Any]:
    used = selection.rows(lambda rows: rows.used())
    shown = selection.model.objects.filter(pk__in=[row.pk for row in used[:SHOWN]])
    return {
        "kind": kind,
        "section": f"{kind}s",
        "selection": selection,
        "post": request.POST,
        "ids": request.POST.getlist("ids"),
        "free": len(selection) - len(used),
        "pictures": _first(selection, {row.pk for row in used}),
        "used": len(used),
        "names": shown.with_uses(),
        "unnamed": max(0, len(used) - SHOWN),
    }


def _first(selection: Selection, used: set[int]) -> Any:
    """Some of those that would be deleted, to look at once more."""
    free = [pk for pk in selection.ids if pk not in used]
    return selection.model._default_manager.filter(pk__in=free[:PICTURES])
