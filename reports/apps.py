from __future__ import annotations

from functools import partial

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class ReportsConfig(AppConfig):
    name = "reports"
    verbose_name = _("Reports")

    def ready(self) -> None:
        from catalog.lanes import run_every_minute

        wake = partial(run_every_minute, "reports.tasks.wake")
        post_migrate.connect(wake, sender=self, weak=False)
