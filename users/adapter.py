"""Accounts as this house wants them: who may sign up, who must prove an address, what is mailed."""

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


class ProveAddress(EmailVerificationStage):
    """Whoever signed up proves the address; the house's people were entered by the house."""

    def handle(self) -> tuple[Any, bool]:
        user = self.login.user
        if (user and is_staff_member(user)) or not settings.SIGN_UP_VERIFY_EMAIL:
            return None, True
        return super().handle()


class Accounts(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return settings.SIGN_UP

    @transaction.atomic
    def save_user(
        self, request: HttpRequest, user: AbstractBaseUser, form: BaseForm, commit: bool = True
    ) -> AbstractBaseUser:
        """A shopper from the first moment on."""
        saved = super().save_user(request, user, form, commit)
        if commit:
            saved.groups.add(Group.objects.get_or_create(name=SHOPPER)[0])
        return saved

    def get_login_stages(self) -> list[str]:
        ours = {"allauth.account.stages.EmailVerificationStage": "users.adapter.ProveAddress"}
        return [ours.get(stage, stage) for stage in super().get_login_stages()]

    def logout(self, request: HttpRequest) -> None:
        """No device is listed that has signed out."""
        UserSession.objects.filter(session_key=request.session.session_key).delete()
        super().logout(request)

    def add_message(self, *args: Any, **kwargs: Any) -> None:
        """The portal shows that somebody is signed in; it need not say so."""

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """A mail server that fails must not tell who has an account here, nor break the answer."""
        try:
            super().send_mail(template_prefix, email, context)
        except (OSError, SMTPException) as error:
            log.error("A mail (%s) was not sent: %s", template_prefix, type(error).__name__)


@login_not_required
def no_telephone(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": 404}, status=404)
