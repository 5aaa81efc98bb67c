"""A photo on its way into the library: from a form or an upload, whole or not at all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.core.files.storage import default_storage
from django.db import transaction
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework import serializers
from rest_framework.request import Request

from api.framework.parsers import PHOTO
from api.framework.problems import Problem
from catalog.models import Asset, Upload
from catalog.photos import ingest
from catalog.photos.add import Intake
from catalog.preflight import findings as preflight_findings

SEVERITIES = ("refuse", "warn")


class FindingShape(serializers.Serializer):
    rule = serializers.CharField()
    severity = serializers.ChoiceField(SEVERITIES)
    message = serializers.CharField()
    remedy = serializers.CharField()


def findings(asset: Asset, aliases: Any = None, slots: Any = None) -> list[dict[str, str]]:
    """What providers have against a photo, the worst first."""
    return [
        {
            "rule": found.rule,
            "severity": found.severity,
            "message": str(found.message),
            "remedy": str(found.remedy),
        }
        for found in preflight_findings.findings(asset, aliases, slots)
    ]


def sent(request: Request, order: Any, form: Any) -> Any:
    """A photo comes in a form, or in an upload before; the serializer of how it came this time."""
    return (form if isinstance(request.data, QueryDict) else order)(data=request.data)


class Photo:
    """What was sent as `photo` in a form, or by the id of an `upload`. Raises Problem."""

    def __init__(self, request: Request) -> None:
        self.upload = _upload(request)
        self.data = self._read(request)

    def _read(self, request: Request) -> bytes:
        try:
            if self.upload:
                return self.upload.read()
            file = request.FILES.get(PHOTO)
            if file is None:
                words = _("Send a photo as a form, or announce an upload and send its id.")
                raise Problem("invalid", errors=[Problem.error(f"/{PHOTO}", words, "required")])
            ingest.check_bytes(file.size or 0)
            data: bytes = file.read()
            return data
        except ingest.Refused as refused:
            raise refusal(refused) from refused

    def used(self) -> None:
        """In the transaction that takes it in: afterwards the upload is not needed any more."""
        if self.upload:
            name = self.upload.file_name
            self.upload.delete()
            transaction.on_commit(lambda: default_storage.delete(name))


def prepare(intake: Intake[Any]) -> None:
    """Check the photo and write its files. Raises Problem where it is refused."""
    try:
        intake.prepare()
    except ingest.Refused as refused:
        raise refusal(refused) from refused


def refusal(refused: ingest.Refused) -> Problem:
    errors = [Problem.error(f"/{PHOTO}", refused, refused.code)]
    code = "too-large" if refused.code == "too_many_bytes" else "photo-refused"
    return Problem(code, str(refused), errors=errors)


def _upload(request: Request) -> Upload | None:
    text = request.data.get("upload") if hasattr(request.data, "get") else None
    if text is None:
        return None
    field: Callable[[Any], Any] = serializers.UUIDField().run_validation
    try:
        pk = field(text)
    except serializers.ValidationError as error:
        raise Problem("invalid", errors=[Problem.error("/upload", error.detail[0])]) from error
    found = Upload.objects.of(request.user, timezone.now()).filter(pk=pk).first()
    if found is None:
        words = _("There is no such upload, or its hour is over.")
        raise Problem("invalid", errors=[Problem.error("/upload", words, "does_not_exist")])
    return found
