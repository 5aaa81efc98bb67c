from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PrivacyConfig(AppConfig):
    name = "privacy"
    verbose_name = _("Privacy")

    def ready(self) -> None:
        from portal import badges

        # What the history calls a person's consent.
        badges.add_labels(
            [
                ("none", _("No consent")),
                ("withdrawn", _("Consent withdrawn")),
                ("erased", _("Erased")),
                ("changed", _("Changed")),
            ]
        )
