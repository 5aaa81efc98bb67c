"""Sign in, and the theme: a cookie, so that the server writes it and no page flashes."""

from __future__ import annotations

from django.contrib.auth.views import LoginView
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from .posts import back

YEAR_S = 31_536_000


class SignIn(LoginView):
    redirect_authenticated_user = True


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    response = back(request, "gallery")
    chosen = request.POST.get("theme", "")
    if chosen in {"light", "dark"}:
        response.set_cookie("theme", chosen, max_age=YEAR_S, samesite="Lax")
    else:
        response.delete_cookie("theme", samesite="Lax")
    return response
