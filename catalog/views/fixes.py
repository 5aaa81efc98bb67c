"""One click on a finding's remedy."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from catalog.models import Asset, Garment, Person
from catalog.preflight import fixes


@login_required
@permission_required("catalog.change_garment", raise_exception=True)
def mend_garment(request: HttpRequest, pk: int) -> HttpResponse:
    return _mend(request, Garment, pk)


@login_required
@permission_required("catalog.change_person", raise_exception=True)
def mend_person(request: HttpRequest, pk: int) -> HttpResponse:
    return _mend(request, Person, pk)


def _mend(request: HttpRequest, model: type[Asset], pk: int) -> HttpResponse:
    asset = get_object_or_404(model.objects.team_owned(), pk=pk)
    if request.method == "POST":
        level, text = fixes.tell(asset, request.POST.get("mend", ""))
        messages.add_message(request, level, text)
    return redirect(asset)
