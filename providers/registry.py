"""The providers of settings.PROVIDERS by alias, with one adapter of each per process."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from providers.contract import Capabilities, Provider
from providers.image_rules import Rule


def backend(alias: str) -> type[Provider]:
    """Return the adapter class of an alias. Raises KeyError or ImportError."""
    return import_string(settings.PROVIDERS[alias]["BACKEND"])


def options(alias: str) -> dict[str, Any]:
    """Return the keyword arguments that an alias's adapter is made with."""
    return settings.PROVIDERS[alias].get("OPTIONS", {})


def prices(alias: str) -> dict[str, Any]:
    """Return the price tables by model: those of the settings, else the provider's list prices."""
    return {**backend(alias).prices, **settings.PROVIDERS[alias].get("PRICES", {})}


def delivery(alias: str) -> str:
    """Return how images reach the provider: signed, object-storage, or its own upload."""
    configured = settings.PROVIDERS[alias].get("DELIVERY") or options(alias).get("delivery")
    return configured or settings.IMAGE_DELIVERY


@cache
def unavailable_reason(alias: str) -> str:
    """Return why this alias cannot be used; "" when it can. Cached for the process."""
    if alias not in settings.PROVIDERS:
        return f"“{alias}” is not in settings.PROVIDERS."
    return backend(alias).unavailable_reason(options(alias))


def available() -> list[str]:
    """Return the aliases that can be used, in the order of the settings."""
    return [alias for alias in settings.PROVIDERS if not unavailable_reason(alias)]


@cache
def provider(alias: str) -> Provider:
    """Return the adapter of an alias; it lives as long as its process."""
    return backend(alias)(**options(alias))


def backends(aliases: Iterable[str] | None = None) -> tuple[type[Provider], ...]:
    """Return the adapter classes of these aliases (None: of all), each once."""
    wanted = settings.PROVIDERS if aliases is None else aliases
    return tuple(dict.fromkeys(backend(alias) for alias in wanted if alias in settings.PROVIDERS))


def provider_name(alias: str) -> str:
    """Return the display name of an alias's provider, or of a package's name.

    Where several aliases share a provider, the alias follows; an unknown alias stays as it is.
    """
    if alias not in settings.PROVIDERS:
        names = {found.name: found.display_name for found in backends()}
        return str(names.get(alias) or alias)
    name = str(backend(alias).display_name)
    if not name:
        return alias
    shared = sum(backend(each) is backend(alias) for each in settings.PROVIDERS) > 1
    return f"{name} ({alias})" if shared else name


def model_name(alias: str, model: str) -> str:
    """Return the display name of a model of an alias's provider; of an unknown one, its id."""
    names = backend(alias).model_names if alias in settings.PROVIDERS else {}
    return str(names.get(model, model))


def provider_and_model(alias: str, model: str) -> str:
    """Return both display names; the provider's alone where the model's id is the alias."""
    provider = provider_name(alias)
    return provider if model in ("", alias) else f"{provider} · {model_name(alias, model)}"


def image_rules(aliases: Iterable[str] | None = None) -> list[tuple[str, Rule]]:
    """Return the photo rules of these aliases' providers (None: of all), with provider names."""
    return [(found.name, rule) for found in backends(aliases) for rule in found.image_rules]


def clear_caches() -> None:
    """Drop the cached adapters and reasons, for tests that change the settings."""
    provider.cache_clear()
    unavailable_reason.cache_clear()


def capabilities(alias: str) -> Capabilities:
    """Return what the provider of an alias can do."""
    return provider(alias).capabilities
