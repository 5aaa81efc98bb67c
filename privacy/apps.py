from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PrivacyConfig(AppConfig):
    name = "privacy"
    verbose_name = _("Privacy")

    def ready(self) -> None:
        from catalog.consent import on_initial_consent
        from portal import badges
        from privacy.consent import record_initial

        on_initial_consent(record_initial)
        # The labels of a person's consent in the history.
        badges.add_labels(
            [
                ("none", _("No consent")),
                ("withdrawn", _("Consent withdrawn")),
                ("erased", _("Erased")),
                ("changed", _("Changed")),
            ]
        )
