"""What would be refused of a try-on or of a photo, before anything is sent or paid for."""

from __future__ import annotations

from typing import Any, ClassVar

from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.framework.parsers import Form, Json
from api.framework.serializers import StrictSerializer
from api.framework.viewsets import SIGNED_IN, Api
from api.resources import launch_requests
from api.resources.photos import FindingShape, Photo, findings, refusal, sent
from catalog.models import Garment, Person
from catalog.photos import ingest
from jobs.launch.checks import check_cell
from jobs.models import ProviderAccount
from jobs.recipe import Recipe

SUBJECTS = ("person", "top", "bottom", "dress", "order")
KINDS = ("person", "garment")


class SubjectFinding(FindingShape):
    subject = serializers.ChoiceField(SUBJECTS)


class PreflightShape(serializers.Serializer):
    ok = serializers.BooleanField(help_text="Whether nothing of it would be refused.")
    findings = SubjectFinding(many=True)


class PreflightOrder(launch_requests.OutfitShape):
    person = launch_requests.Pick(Person)
    provider = serializers.CharField(required=False, allow_blank=True, max_length=40)
    recipe = launch_requests.RecipeShape(required=False)


class PhotoOrder(StrictSerializer):
    upload = serializers.UUIDField()
    kind = serializers.ChoiceField(KINDS)


class PhotoForm(StrictSerializer):
    photo = serializers.FileField()
    kind = serializers.ChoiceField(KINDS)


class PhotoChecked(serializers.Serializer):
    ok = serializers.BooleanField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    findings = FindingShape(many=True)


class Preflight(Api):
    """Free of charge, and nothing is kept."""

    tag = "preflight"
    serializer_class = PreflightShape
    parser_classes = (Json, Form)
    throttle_scopes: ClassVar = {"photo": "upload"}
    required_permissions: ClassVar = {"create": SIGNED_IN, "photo": SIGNED_IN}

    @extend_schema(
        request={"application/json": PreflightOrder},
        responses={200: PreflightShape},
        operation_id="checkOutfit",
    )
    def create(self, request: Request) -> Response:
        """What would be refused of a try-on, and what helps."""
        order = PreflightOrder(data=request.data, context={"request": request})
        order.is_valid(raise_exception=True)
        values = order.validated_data
        account = launch_requests.account_for(request.user, values.get("provider", ""))
        found = [*_refusals(values, account), *_of_photos(values, account)]
        return Response({"ok": all(f["severity"] != "refuse" for f in found), "findings": found})

    @extend_schema(
        request={"application/json": PhotoOrder, "multipart/form-data": PhotoForm},
        responses=PhotoChecked,
        operation_id="checkPhoto",
    )
    def photo(self, request: Request) -> Response:
        """What is wrong with a photo, before it is added. More is found once it has been."""
        order = sent(request, PhotoOrder, PhotoForm)
        order.is_valid(raise_exception=True)
        prepared = _prepared(Photo(request))
        model = Person if order.validated_data["kind"] == "person" else Garment
        asset: Any = model(facts=prepared.facts)
        found = findings(asset)
        return Response(
            {
                "ok": all(finding["severity"] != "refuse" for finding in found),
                "width": prepared.width,
                "height": prepared.height,
                "findings": found,
            }
        )


def _prepared(photo: Photo) -> ingest.Prepared:
    try:
        return ingest.prepare(photo.data)
    except ingest.Refused as refused:
        raise refusal(refused) from refused


def _refusals(values: dict[str, Any], account: ProviderAccount) -> list[dict[str, str]]:
    """Consent, and what the provider cannot do."""
    cell, recipe = (values["person"], values["outfit"]), Recipe(**values.get("recipe", {}))
    return [
        {
            "subject": found.pointer or "order",
            "rule": found.code,
            "severity": found.severity,
            "message": found.message,
            "remedy": "",
        }
        for found in check_cell(cell, account, recipe, timezone.localdate())
        if not found.of_photo
    ]


def _of_photos(values: dict[str, Any], account: ProviderAccount) -> list[dict[str, str]]:
    aliases, slots = [account.alias], frozenset(values["outfit"])
    photos = {"person": values["person"], **values["outfit"]}
    return [
        {"subject": name} | found
        for name, asset in photos.items()
        for found in findings(asset, aliases, slots)
    ]
