"""How allauth is adapted: who may sign up, who must verify an address, what is mailed."""

from __future__ import annotations

import logging
from smtplib import SMTPException
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.stages import EmailVerificationStage
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.models import AbstractBaseUser, Group
from django.db import transaction
from django.forms import BaseForm
from django.http import HttpRequest, JsonResponse

from users.access import is_staff_member

log = logging.getLogger(__name__)

SHOPPER = "shopper"


class VerifyShoppersAddress(EmailVerificationStage):
    """Shoppers, who sign up, verify their address; staff members are added by an administrator."""

    def handle(self) -> tuple[Any, bool]:
        user = self.login.user
        if (user and is_staff_member(user)) or not settings.SIGN_UP_VERIFY_EMAIL:
            return None, True
        return super().handle()


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return settings.SIGN_UP

    @transaction.atomic
    def save_user(
        self, request: HttpRequest, user: AbstractBaseUser, form: BaseForm, commit: bool = True
    ) -> AbstractBaseUser:
        """Put a new account into the group of shoppers."""
        saved = super().save_user(request, user, form, commit)
        if commit:
            saved.groups.add(Group.objects.get_or_create(name=SHOPPER)[0])
        return saved

    def get_login_stages(self) -> list[str]:
        replaced = {
            "allauth.account.stages.EmailVerificationStage": "users.adapter.VerifyShoppersAddress"
        }
        return [replaced.get(stage, stage) for stage in super().get_login_stages()]

    def logout(self, request: HttpRequest) -> None:
        """Delete the device's session row as well, so that it is not listed any more."""
        UserSession.objects.filter(session_key=request.session.session_key).delete()
        super().logout(request)

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """Add none: the portal shows who is signed in."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Log a failing mail server: an error would reveal who has an account here."""
        try:
            super().send_mail(template_prefix, email, context)
        except (OSError, SMTPException) as error:
            log.error("A mail (%s) was not sent: %s", template_prefix, type(error).__name__)


@login_not_required
def phone_not_found(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": 404}, status=404)
