"""What publishers do with a gallery, each a form that is posted."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from galleries import publishing
from galleries.forms import MoveForm, VersionForm
from galleries.models import Gallery
from galleries.views.editor import told
from jobs.launch.selection import parse_ids
from portal.paging import number
from portal.posts import View, action, back

# Refusals that a message names; the others are counted.
NAMED = 5


def change(view: View) -> View:
    """Posted to by whoever may change galleries and publish results."""
    both = permission_required(
        ["galleries.change_gallery", "jobs.publish_result"], raise_exception=True
    )
    return action("gallery-edit", "galleries.change_gallery")(both(view))


@change
def gallery_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Add `results` (ids, repeated or with commas), each published; what is refused is named.

    A list of checkboxes calls them `ids`.
    """
    gallery = get_object_or_404(Gallery, pk=pk)
    chosen = parse_ids([*request.POST.getlist("results"), *request.POST.getlist("ids")])
    if not chosen or len(chosen) > publishing.MOST_ADDED:
        text = _("Choose between 1 and %(n)d results to add.") % {"n": publishing.MOST_ADDED}
        messages.error(request, text)
        return back(request, gallery)
    _say(request, gallery, publishing.add(gallery, chosen, request.user))
    return back(request, gallery)


@login_required
def gallery_collect(request: HttpRequest) -> HttpResponse:
    """The same for pages where the gallery is chosen as well: `gallery` is posted, too."""
    return gallery_add(request, number(request.POST.get("gallery")))


def _say(request: HttpRequest, gallery: Gallery, added: publishing.Added) -> None:
    if added.n:
        text = ngettext("%(n)d added to %(gallery)s.", "%(n)d added to %(gallery)s.", added.n)
        messages.success(request, text % {"n": added.n, "gallery": gallery})
    if added.already:
        text = ngettext("%(n)d was there already.", "%(n)d were there already.", added.already)
        messages.info(request, text % {"n": added.already})
    if added.refused:
        more = len(added.refused) - NAMED
        rest = [_("And %(n)d more.") % {"n": more}] if more > 0 else []
        text = " ".join([_("Not added:"), *added.refused[:NAMED], *rest])
        messages.warning(request, text)


@change
def gallery_remove(request: HttpRequest, pk: int) -> HttpResponse:
    gallery = get_object_or_404(Gallery, pk=pk)
    unpublish = request.POST.get("unpublish") == "1"
    items = parse_ids(request.POST.getlist("ids"))[: publishing.MOST_ADDED]
    n, down = publishing.remove(gallery, items, request.user, unpublish=unpublish)
    text = ngettext("%(n)d removed.", "%(n)d removed.", n) % {"n": n}
    if down:
        text += " " + ngettext(
            "%(n)d is not public any more.", "%(n)d are not public any more.", down
        ) % {"n": down}
    messages.success(request, text)
    return back(request, gallery)


@change
def gallery_order(request: HttpRequest, pk: int) -> HttpResponse:
    """The order of one page: its items (`items`: ids) share the places that they hold."""
    gallery = get_object_or_404(Gallery, pk=pk)
    items = parse_ids(request.POST.getlist("items"))[: publishing.MOST_ADDED]
    done = publishing.order(gallery, _version(request), items, request.user)
    told(request, done, _("Order saved."))
    return back(request, gallery)


@change
def gallery_move(request: HttpRequest, pk: int) -> HttpResponse:
    gallery, form = get_object_or_404(Gallery, pk=pk), MoveForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("Say to which position."))
        return back(request, gallery)
    asked = form.cleaned_data
    done = publishing.move(gallery, asked["version"], asked["item"], asked["to"], request.user)
    told(request, done, _("Moved."))
    return back(request, gallery)


@change
def gallery_cover(request: HttpRequest, pk: int) -> HttpResponse:
    gallery = get_object_or_404(Gallery, pk=pk)
    items = gallery.items.select_related("result")
    item = items.filter(pk=number(request.POST.get("item"))).first()
    done = item is not None and gallery.claim(_version(request), cover=item.result)
    told(request, done, _("It is the cover now."))
    return back(request, gallery)


@change
def gallery_show(request: HttpRequest, pk: int) -> HttpResponse:
    gallery = get_object_or_404(Gallery, pk=pk)
    done = publishing.show(gallery, _version(request), request.user)
    told(request, done, _("It is shown now. Pictures that are new appear within a minute."))
    return redirect(gallery)


@change
def gallery_unpublish(request: HttpRequest, pk: int) -> HttpResponse:
    gallery = get_object_or_404(Gallery, pk=pk)
    done = publishing.unpublish(gallery, _version(request), request.user)
    told(request, done, _("It is a draft again, and nothing of it is shown."))
    return redirect(gallery)


def _version(request: HttpRequest) -> int:
    """The version that was posted; -1, which no gallery has, where none was."""
    form = VersionForm(request.POST)
    return int(form.cleaned_data["version"]) if form.is_valid() else -1


@login_required
@permission_required(["galleries.delete_gallery", "jobs.publish_result"], raise_exception=True)
def gallery_delete(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask first, and say what goes; posted to, delete it."""
    gallery = get_object_or_404(Gallery, pk=pk)
    if request.method == "POST":
        publishing.delete(gallery, request.user)
        messages.success(request, _("%(gallery)s is deleted.") % {"gallery": gallery.name})
        return redirect("galleries")
    context = {"gallery": gallery, "total": gallery.items.last_place(), "section": "galleries"}
    return render(request, "galleries/gallery_delete.html", context)
