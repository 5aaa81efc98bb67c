"""Imports: upload a list, see it come in, take its report along; and garments as a table."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from catalog.imports import export, report
from catalog.imports.form import ImportForm
from catalog.imports.receive import receive
from catalog.models import Import, ImportRow
from catalog.photos.refusals import Refused
from catalog.views.import_progress import ImportProgress, RowsPage
from portal.paging import KeysetPage
from portal.posts import action, back

IMPORTS = 30

may_look = permission_required("catalog.view_garment", raise_exception=True)


@login_required
@may_look
@require_http_methods(["GET", "HEAD", "POST"])
def imports(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        return _upload(request)
    return _list(request, ImportForm())


def _list(request: HttpRequest, form: ImportForm) -> HttpResponse:
    page = KeysetPage(request, Import.objects.select_related("created_by"), IMPORTS)
    rows = [(row, ImportProgress(row)) for row in page.rows]
    context = {"page": page, "rows": rows, "form": form, "section": "imports"}
    return render(request, "catalog/imports/imports.html", context)


def _upload(request: HttpRequest) -> HttpResponse:
    """Start an import; a script gets its address or what is wrong as JSON, a form a page."""
    if not request.user.has_perm("catalog.add_garment"):
        raise PermissionDenied
    form = ImportForm(request.POST, request.FILES)
    source = _received(request, form) if form.is_valid() else None
    if request.headers.get("accept") == "application/json":
        if source:
            return JsonResponse({"page": source.get_absolute_url()})
        return JsonResponse({"errors": form.errors})
    return redirect(source) if source else _list(request, form)


def _received(request: HttpRequest, form: ImportForm) -> Import | None:
    try:
        source, unused = receive(form.cleaned_data["file"], request.user, form.defaults())
    except Refused as refused:
        form.add_error("file", str(refused.message))
        return None
    if unused:
        text = _("Columns that are not used: %(columns)s.")
        messages.warning(request, text % {"columns": ", ".join(unused)[:300]})
    return source


@login_required
@may_look
@require_safe
def import_page(request: HttpRequest, pk: int) -> HttpResponse:
    source = get_object_or_404(Import.objects.select_related("created_by"), pk=pk)
    state = request.GET.get("state", "refused" if source.refused else "")
    rows = source.rows.select_related("garment", "person")
    if state in ImportRow.State.values:
        rows = rows.filter(state=state)
    context = {
        "source": source,
        "progress": ImportProgress(source),
        "shown": state if state in ImportRow.State.values else "",
        "page": RowsPage(request, rows),
        "section": "imports",
    }
    return render(request, "catalog/imports/import.html", context)


@login_required
@may_look
@require_safe
@never_cache
def import_progress(request: HttpRequest, pk: int) -> JsonResponse:
    """The page in numbers."""
    return JsonResponse(ImportProgress(get_object_or_404(Import, pk=pk)).news())


@login_required
@may_look
@require_safe
def import_report(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    source = get_object_or_404(Import, pk=pk)
    lines = report.table(source, translation.get_language() or "en")
    return _table(lines, f"import-{source.pk}-report.csv")


@login_required
@may_look
@require_safe
def garments_export(request: HttpRequest) -> StreamingHttpResponse:
    today = timezone.localdate()
    rows = export.chosen(request.GET, today)
    return _table(export.table(rows), f"garments-{today:%Y-%m-%d}.csv")


def _table(lines: Iterator[str], name: str) -> StreamingHttpResponse:
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response


@action("import", "catalog.add_garment")
def import_cancel(request: HttpRequest, pk: int) -> HttpResponse:
    stopped = get_object_or_404(Import, pk=pk)
    if stopped.cancel():
        messages.success(request, _("Canceled. What is in the library stays there."))
    else:
        messages.info(request, _("It had ended already."))
    return back(request, stopped)


@action("import", "catalog.add_garment")
def import_retry(request: HttpRequest, pk: int) -> HttpResponse:
    tried = get_object_or_404(Import, pk=pk)
    n = tried.total - tried.created - tried.updated - tried.unchanged
    if tried.again():
        text = ngettext("%(n)s row is tried again.", "%(n)s rows are tried again.", n)
        messages.success(request, text % {"n": n})
    else:
        messages.info(request, _("Nothing of it is left to try."))
    return back(request, tried)
