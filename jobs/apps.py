from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class JobsConfig(AppConfig):
    name = "jobs"
    verbose_name = _("Try-ons")

    def ready(self) -> None:
        from . import checks, label_checks, review_checks, sign_in_checks, webhook_checks  # noqa: F401  # noqa: F401

        # Not a data migration: an alias may be added to the settings at any time, and a flushed
        # database (a test's, a demo's) needs both again.
        post_migrate.connect(_after_migrate, sender=self)


def _after_migrate(using: str, **kwargs: Any) -> None:
    """An account for each configured provider, and the one-minute bell that is the guarantee."""
    from django.conf import settings
    from django_q.models import Schedule

    from .models import ProviderAccount

    for alias in settings.PROVIDERS:
        ProviderAccount.objects.using(using).get_or_create(alias=alias)
    Schedule.objects.using(using).get_or_create(
        name="dispatch",
        defaults={
            "func": "jobs.tasks.dispatch",
            "schedule_type": Schedule.MINUTES,
            "minutes": 1,
            "repeats": -1,
            "cluster": "toile",
        },
    )
