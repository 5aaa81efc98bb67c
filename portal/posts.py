"""What views that change something share."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required, permission_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme


def back(request: HttpRequest, fallback: Any) -> HttpResponseRedirect:
    """Redirect to the posted `next` if it is ours, else to `fallback` (an object or a name)."""
    target = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(
        target, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return redirect(target if target and is_ours else fallback)


View = Callable[..., HttpResponse]


def action(page: str, permission: str) -> Callable[[View], View]:
    """Make a view that is posted to, with this permission.

    A GET, as after signing in again, redirects to `page`.
    """

    def decorate(view: View) -> View:
        allowed = permission_required(permission, raise_exception=True)(view)
        guarded = login_required(allowed)

        @wraps(view)
        def posted(request: HttpRequest, pk: int) -> HttpResponse:
            if request.method != "POST":
                return redirect(page, pk)
            return guarded(request, pk)

        return posted

    return decorate
