"""Who is asking: roles, rights, what is left of today, and the end of the account."""

from __future__ import annotations

from typing import Any, ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.framework.problems import Problem
from api.framework.serializers import MoneyShape, StrictSerializer, UtcDateTimeField, money
from api.framework.viewsets import SIGNED_IN, Api
from jobs.models import Quota
from privacy import erasure
from users import access

# What an app decides by: which buttons it shows.
RIGHTS = (
    *("catalog.view_garment", "catalog.add_garment", "catalog.change_garment"),
    *("catalog.delete_garment", "catalog.view_person", "catalog.add_person"),
    *("catalog.change_person", "catalog.delete_person", "jobs.view_tryonjob", "jobs.add_batch"),
    *("jobs.change_tryonjob", "jobs.view_result", "jobs.change_result", "jobs.publish_result"),
    *("review.view_decision", "galleries.view_gallery", "webhooks.view_webhookendpoint"),
    *(
        "webhooks.add_webhookendpoint",
        "webhooks.change_webhookendpoint",
        "webhooks.delete_webhookendpoint",
    ),
)


class TryonsLeft(serializers.Serializer):
    limit = serializers.IntegerField(allow_null=True, help_text="Null: as many as you like.")
    used = serializers.IntegerField()


class BudgetLeft(serializers.Serializer):
    limit = MoneyShape(allow_null=True)
    spent = MoneyShape()


class QuotaShape(serializers.Serializer):
    tryons = TryonsLeft()
    budget = BudgetLeft()
    resets_at = UtcDateTimeField()


class MeShape(serializers.Serializer):
    id = serializers.IntegerField()
    username = serializers.CharField()
    email = serializers.EmailField(allow_blank=True)
    roles = serializers.ListField(child=serializers.CharField())
    permissions = serializers.ListField(child=serializers.CharField())
    is_shopper = serializers.BooleanField(
        help_text="Uses the app only: sees no page or row of the team."
    )
    quota = QuotaShape()
    language = serializers.CharField()


class Goodbye(StrictSerializer):
    confirm = serializers.CharField(help_text="Your user name, so that nobody does it by mistake.")


class Me(Api):
    tag = "me"
    required_permissions: ClassVar = {"retrieve": SIGNED_IN, "destroy": SIGNED_IN}
    serializer_class = MeShape
    confirmed_actions = {"destroy"}

    @extend_schema(responses=MeShape)
    def retrieve(self, request: Request) -> Response:
        """Who you are, what you may do, and what is left of today."""
        user: Any = request.user
        held = user.get_all_permissions()
        return Response(
            {
                "id": user.pk,
                "username": user.get_username(),
                "email": user.email,
                "roles": sorted(user.groups.values_list("name", flat=True)),
                "permissions": sorted(held.intersection(RIGHTS)),
                "is_shopper": "jobs.view_tryonjob" not in held,
                "quota": _quota(user),
                "language": get_language(),
            }
        )

    @extend_schema(request=Goodbye, responses={204: None})
    def destroy(self, request: Request) -> Response:
        """End a shopper's account: every photo, try-on and image of it is erased at once."""
        user: Any = request.user
        if access.is_staff_member(user):
            words = _("An administrator ends the accounts of team members.")
            raise Problem("forbidden", words)
        order = Goodbye(data=request.data)
        order.is_valid(raise_exception=True)
        if order.validated_data["confirm"] != user.get_username():
            words = _("This is not your user name.")
            raise Problem("invalid", errors=[Problem.error("/confirm", words)])
        try:
            erasure.erase_shopper(user)
        except (erasure.EraseRefused, models.ProtectedError) as refused:
            raise Problem("conflict", str(refused)) from refused
        return Response(status=204)


def _quota(user: Any) -> dict[str, Any]:
    day = Quota.today(user, timezone.now())
    limit = None if day.budget is None else money(day.budget)
    return {
        "tryons": {"limit": day.tryons, "used": day.used},
        "budget": {"limit": limit, "spent": money(day.spent)},
        "resets_at": UtcDateTimeField().to_representation(day.ends_at),
    }
