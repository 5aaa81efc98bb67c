"""What can be ordered: providers, options, photos, and how much at once."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.framework import long_poll
from api.framework.pagination import Pages
from api.framework.problems import Problem
from api.framework.viewsets import SIGNED_IN, Api
from api.resources import launch_requests
from api.resources.uploads import CONTENT_TYPES
from catalog.models import Garment
from catalog.photos.refusals import MAX_BYTES, MAX_PIXELS, MAX_RATIO, MAX_SIDE, MIN_SIDE
from jobs.models import ProviderAccount
from providers import registry


class ProviderShape(serializers.Serializer):
    """`alias` and `models` are null for shoppers, who do not choose."""

    alias = serializers.CharField(allow_null=True)
    models = serializers.ListField(child=serializers.CharField(), allow_null=True)
    ready = serializers.BooleanField(help_text="Whether its account is open.")
    slots = serializers.ListField(child=serializers.ChoiceField(Garment.Slot.choices))
    samples = serializers.IntegerField(help_text="Most images of one try-on.")
    resolutions = serializers.ListField(child=serializers.IntegerField())
    keep_rest = serializers.BooleanField()
    refine = serializers.BooleanField()
    restore_face = serializers.BooleanField(help_text="Whether it can be switched off.")
    typical_s = serializers.FloatField()


class PhotoLimits(serializers.Serializer):
    content_types = serializers.ListField(child=serializers.CharField())
    most_bytes = serializers.IntegerField()
    least_side = serializers.IntegerField()
    most_side = serializers.IntegerField()
    most_pixels = serializers.IntegerField()
    most_ratio = serializers.IntegerField()


class CapabilitiesShape(serializers.Serializer):
    providers = ProviderShape(many=True)
    recipe_options = serializers.ListField(child=serializers.CharField())
    photos = PhotoLimits()
    most_page_size = serializers.IntegerField()
    most_wait_s = serializers.IntegerField()


class Capabilities(Api):
    tag = "capabilities"
    serializer_class = CapabilitiesShape
    required_permissions: ClassVar = {"retrieve": SIGNED_IN}

    @extend_schema(responses=CapabilitiesShape)
    def retrieve(self, request: Request) -> Response:
        """Which providers, options and photos are possible for you."""
        for_team = launch_requests.launches_for_team(request.user)
        options = (
            set(launch_requests.RecipeShape().fields)
            if for_team
            else launch_requests.SHOPPERS_OPTIONS
        )
        return Response(
            {
                "providers": [_provider(a, for_team) for a in _accounts(request.user, for_team)],
                "recipe_options": sorted(options),
                "photos": {
                    "content_types": [*CONTENT_TYPES, "image/bmp"],
                    "most_bytes": MAX_BYTES,
                    "least_side": MIN_SIDE,
                    "most_side": MAX_SIDE,
                    "most_pixels": MAX_PIXELS,
                    "most_ratio": MAX_RATIO,
                },
                "most_page_size": Pages.max_page_size,
                "most_wait_s": long_poll.MOST_S,
            }
        )


def _accounts(user: Any, for_team: bool) -> list[ProviderAccount]:
    if not for_team:
        try:
            return [launch_requests.account_for(user, "")]
        except Problem:
            return []
    known = {account.alias: account for account in ProviderAccount.objects.all()}
    return [known[alias] for alias in registry.available() if alias in known]


def _provider(account: ProviderAccount, for_team: bool) -> dict[str, Any]:
    can = registry.capabilities(account.alias)
    models = [name for name, model in can.models.items() if model.operation == "tryon"]
    return {
        "alias": account.alias if for_team else None,
        "models": models if for_team else None,
        "ready": account.state == ProviderAccount.State.OPEN,
        "slots": sorted(can.slots),
        "samples": can.samples if for_team else 1,
        "resolutions": list(can.resolutions) if for_team else [-1],
        "keep_rest": can.keep_rest,
        "refine": can.refine and for_team,
        "restore_face": can.restore_face and for_team,
        "typical_s": account.typical_s or can.typical_s,
    }
