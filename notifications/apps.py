from __future__ import annotations

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class NotificationsConfig(AppConfig):
    name = "notifications"
    verbose_name = _("Notifications")

    def ready(self) -> None:
        from jobs.domain_events import Kind, on
        from notifications import notify

        on(Kind.BATCH_READY, notify.on_batch_ready)
        on(Kind.BATCH_REVIEWED, notify.on_batch_reviewed)
