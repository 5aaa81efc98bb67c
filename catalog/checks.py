"""Are private files private? Report at start what would leak or fail silently."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core import checks
from django.utils.module_loading import import_string

PUBLIC_ACLS = {"public-read", "public-read-write"}


@checks.register(checks.Tags.security)
def private_files_are_private(**kwargs: Any) -> list[checks.CheckMessage]:
    """The default storage holds people's photos: each of its addresses must be signed."""
    storage: dict[str, Any] = settings.STORAGES["default"]
    options = storage.get("OPTIONS", {})
    found: list[checks.CheckMessage] = []
    if options.get("custom_domain") or getattr(settings, "AWS_S3_CUSTOM_DOMAIN", None):
        hint = "Remove custom_domain: with it, django-storages signs no address, and says nothing."
        found.append(checks.Error("Private photos would be public.", hint=hint, id="catalog.E001"))
    if not options.get("querystring_auth", True) or options.get("default_acl") in PUBLIC_ACLS:
        hint = "Leave querystring_auth and default_acl as they are."
        found.append(checks.Error("Private photos would be public.", hint=hint, id="catalog.E002"))
    return found


@checks.register("storage")
def storage_can_be_used(**kwargs: Any) -> list[checks.CheckMessage]:
    storage: dict[str, Any] = settings.STORAGES["default"]
    backend = storage["BACKEND"]
    try:
        import_string(backend)
    except ImportError as error:
        hint = "For S3_BUCKET: pip install -r requirements-s3.txt"
        message = f"The storage {backend} cannot be used: {error}"
        return [checks.Error(message, hint=hint, id="catalog.E003")]
    return []
