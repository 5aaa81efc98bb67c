"""Changes to a gallery, each a form that is posted."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from galleries import publishing
from galleries.forms import MoveForm, VersionForm
from galleries.models import Gallery
from galleries.views.editor import add_outcome_message
from jobs.launch.selection import parse_ids
from portal.authenticated_request import AuthenticatedRequest
from portal.paging import parse_id
from portal.posts import View, action, back

# So many refusals are shown; the others are counted.
MAX_NAMED = 5


def gallery_action(view: View) -> View:
    """Make a view that is posted to by users who may change galleries and publish results."""
    both = permission_required(
        ["galleries.change_gallery", "jobs.publish_result"], raise_exception=True
    )
    return action("gallery-edit", "galleries.change_gallery")(both(view))


@gallery_action
def gallery_add(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Add `results` (ids, repeated or with commas), each published; what is refused is named.

    A list of checkboxes calls them `ids`.
    """
    gallery = get_object_or_404(Gallery, pk=pk)
    chosen = parse_ids([*request.POST.getlist("results"), *request.POST.getlist("ids")])
    if not chosen or len(chosen) > publishing.MAX_ADDED:
        text = _("Choose between 1 and %(n)d results to add.") % {"n": publishing.MAX_ADDED}
        messages.error(request, text)
        return back(request, gallery)
    _add_messages(request, gallery, publishing.add(gallery, chosen, request.user))
    return back(request, gallery)


@login_required
def gallery_collect(request: AuthenticatedRequest) -> HttpResponse:
    """The same for pages where the gallery is chosen as well: `gallery` is posted, too."""
    return gallery_add(request, parse_id(request.POST.get("gallery")))


def _add_messages(
    request: AuthenticatedRequest, gallery: Gallery, outcome: publishing.AddOutcome
) -> None:
    if outcome.added:
        text = ngettext("%(n)d added to %(gallery)s.", "%(n)d added to %(gallery)s.", outcome.added)
        messages.success(request, text % {"n": outcome.added, "gallery": gallery})
    if outcome.already_there:
        text = ngettext(
            "%(n)d was there already.", "%(n)d were there already.", outcome.already_there
        )
        messages.info(request, text % {"n": outcome.already_there})
    if outcome.refused:
        more = len(outcome.refused) - MAX_NAMED
        rest = [_("And %(n)d more.") % {"n": more}] if more > 0 else []
        text = " ".join([_("Not added:"), *outcome.refused[:MAX_NAMED], *rest])
        messages.warning(request, text)


@gallery_action
def gallery_remove(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    gallery = get_object_or_404(Gallery, pk=pk)
    unpublish = request.POST.get("unpublish") == "1"
    items = parse_ids(request.POST.getlist("ids"))[: publishing.MAX_ADDED]
    n, unpublished = publishing.remove(gallery, items, request.user, unpublish=unpublish)
    text = ngettext("%(n)d removed.", "%(n)d removed.", n) % {"n": n}
    if unpublished:
        text += " " + ngettext(
            "%(n)d is not public any more.", "%(n)d are not public any more.", unpublished
        ) % {"n": unpublished}
    messages.success(request, text)
    return back(request, gallery)


@gallery_action
def gallery_order(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """The order of one page: its items (`items`: ids) share the places that they hold."""
    gallery = get_object_or_404(Gallery, pk=pk)
    items = parse_ids(request.POST.getlist("items"))[: publishing.MAX_ADDED]
    done = publishing.reorder(gallery, _version(request), items, request.user)
    add_outcome_message(request, done, _("Order saved."))
    return back(request, gallery)


@gallery_action
def gallery_move(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    gallery, form = get_object_or_404(Gallery, pk=pk), MoveForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say to which position."))
        return back(request, gallery)
    data = form.cleaned_data
    done = publishing.move(gallery, data["version"], data["item"], data["to"], request.user)
    add_outcome_message(request, done, _("Moved."))
    return back(request, gallery)


@gallery_action
def gallery_cover(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    gallery = get_object_or_404(Gallery, pk=pk)
    items = gallery.items.select_related("result")
    item = items.filter(pk=parse_id(request.POST.get("item"))).first()
    done = item is not None and gallery.write_version(_version(request), cover=item.result)
    add_outcome_message(request, done, _("It is the cover now."))
    return back(request, gallery)


@gallery_action
def gallery_show(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    gallery = get_object_or_404(Gallery, pk=pk)
    done = publishing.show(gallery, _version(request), request.user)
    add_outcome_message(
        request, done, _("It is shown now. Pictures that are new appear within a minute.")
    )
    return redirect(gallery)


@gallery_action
def gallery_unpublish(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    gallery = get_object_or_404(Gallery, pk=pk)
    done = publishing.unpublish(gallery, _version(request), request.user)
    add_outcome_message(request, done, _("It is a draft again, and nothing of it is shown."))
    return redirect(gallery)


def _version(request: AuthenticatedRequest) -> int:
    """The version that was posted; -1, which no gallery has, where none was."""
    form = VersionForm(request.POST)
    return int(form.cleaned_data["version"]) if form.is_valid() else -1


@login_required
@permission_required(["galleries.delete_gallery", "jobs.publish_result"], raise_exception=True)
def gallery_delete(request: AuthenticatedRequest, pk: int) -> HttpResponse:
    """Ask first, and say what goes; posted to, delete it."""
    gallery = get_object_or_404(Gallery, pk=pk)
    if request.method == "POST":
        publishing.delete(gallery, request.user)
        messages.success(request, _("%(gallery)s is deleted.") % {"gallery": gallery.name})
        return redirect("galleries")
    context = {"gallery": gallery, "total": gallery.items.last_place(), "section": "galleries"}
    return render(request, "galleries/gallery_delete.html", context)
