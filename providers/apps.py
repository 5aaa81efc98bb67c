from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProvidersConfig(AppConfig):
    """Register the system checks of settings.PROVIDERS."""

    name = "providers"
    verbose_name = _("Providers")

    def ready(self) -> None:
        from providers import checks  # noqa: F401
