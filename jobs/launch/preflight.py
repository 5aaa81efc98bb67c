"""Whose image rules an account has."""

from __future__ import annotations

from django.conf import settings

from providers import registry


def family(alias: str) -> str:
    """The provider whose rules an alias has: the name of its package; "" if unknown."""
    if alias not in settings.PROVIDERS:
        return ""
    return registry.backend(alias).__module__.split(".")[-2]
