"""Which providers are configured, and one adapter of each per process."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from providers.contract import Capabilities, Provider


def backend(alias: str) -> type[Provider]:
    return import_string(_configured(alias)["BACKEND"])


def options(alias: str) -> dict[str, Any]:
    return _configured(alias).get("OPTIONS", {})


def prices(alias: str) -> dict[str, Any]:
    """Price tables by model, where the settings have them: `jobs.billing.charges` reads them."""
    return _configured(alias).get("PRICES", {})


def delivery(alias: str) -> str:
    """How this account's images reach its provider: signed, object-storage, or its own upload."""
    own = _configured(alias).get("DELIVERY") or options(alias).get("delivery")
    return own or settings.IMAGE_DELIVERY


def _configured(alias: str) -> dict[str, Any]:
    configured: dict[str, Any] = settings.PROVIDERS
    return configured[alias]


def unavailable(alias: str) -> str:
    """Why this alias cannot be used now; "" when it can."""
    if alias not in settings.PROVIDERS:
        return f"“{alias}” is not in settings.PROVIDERS."
    return backend(alias).unavailable(options(alias))


def offered() -> list[str]:
    """Aliases that can be used, in the order of the settings."""
    return [alias for alias in settings.PROVIDERS if not unavailable(alias)]


@cache
def provider(alias: str) -> Provider:
    """The adapter of an alias; it lives as long as its process."""
    return backend(alias)(**options(alias))


def capabilities(alias: str) -> Capabilities:
    return provider(alias).capabilities
