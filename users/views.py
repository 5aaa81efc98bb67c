"""Sign in, and the theme: a cookie, so that the server writes it and no page flashes."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import LoginForm
from allauth.account.views import LoginView
from allauth.mfa.base.views import AuthenticateView
from django.contrib.auth.decorators import login_not_required
from django.forms import ValidationError
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from portal.posts import back
from users.access import is_staff_member

YEAR_S = 31_536_000


class SignInForm(LoginForm):
    """Name or e-mail address and password; limited by allauth's rates."""

    def add_prefix(self, field_name: str) -> str:
        """Keep the name by which browsers remember the field."""
        return super().add_prefix("username" if field_name == "login" else field_name)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        if self.user and not self.user.is_active:
            raise ValidationError(_("This account is closed."))
        if self.user and not is_staff_member(self.user):
            raise ValidationError(_("This account is for the app: sign in there."))
        return cleaned


class SignIn(LoginView):
    form_class = SignInForm
    template_name = "users/login.html"


class SecondFactor(AuthenticateView):
    """The page for the code of the authenticator app, or a recovery code."""

    template_name = "users/code.html"


@login_not_required
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    response = back(request, "gallery")
    chosen = request.POST.get("theme", "")
    if chosen in {"light", "dark"}:
        response.set_cookie("theme", chosen, max_age=YEAR_S, samesite="Lax")
    else:
        response.delete_cookie("theme", samesite="Lax")
    return response
