"""Which providers are configured, and one adapter of each per process."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from providers.contract import Capabilities, Provider
from providers.image_rules import Rule


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


@cache
def unavailable(alias: str) -> str:
    """Why this alias cannot be used; "" when it can. Settings and packages are for a process."""
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


def backends(aliases: Iterable[str] | None = None) -> tuple[type[Provider], ...]:
    """The adapter classes of these aliases, or of all that are configured, each once."""
    wanted = settings.PROVIDERS if aliases is None else aliases
    return tuple(dict.fromkeys(backend(alias) for alias in wanted if alias in settings.PROVIDERS))


def image_rules(aliases: Iterable[str] | None = None) -> list[tuple[str, Rule]]:
    """The rules of these aliases' providers (of all, unless told), each with the name of whose."""
    return [(found.name, rule) for found in backends(aliases) for rule in found.image_rules]


def forget() -> None:
    """For tests that change the settings: nothing of what was configured before holds."""
    provider.cache_clear()
    unavailable.cache_clear()


def capabilities(alias: str) -> Capabilities:
    return provider(alias).capabilities
