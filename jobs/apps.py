from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class JobsConfig(AppConfig):
    name = "jobs"
    verbose_name = _("Try-ons")

    def ready(self) -> None:
        from jobs.models import ProviderAccount, Result, Step, TryOnJob
        from portal import badges

        for states in (Step.State, TryOnJob.State, Result.Review, ProviderAccount.State):
            badges.add_labels(states.choices)
        badges.add_labels([("published", _("Published"))])
        from django_q.signals import pre_execute

        from jobs.batches import completion
        from jobs.domain_events import Kind, on
        from jobs.tasks import beat

        pre_execute.connect(beat)
        on(Kind.JOB_ENDED, completion.jobs_ended)
        on(Kind.RESULT_DECIDED, completion.results_decided)
        # Not a data migration: an alias may be added to the settings at any time, and a flushed
        # database (a test's, a demo's) needs both again.
        post_migrate.connect(_after_migrate, sender=self)


def _after_migrate(using: str, **kwargs: Any) -> None:
    """An account for each configured provider, and the minute's call that is the guarantee."""
    from django.conf import settings

    from catalog.lanes import run_every_minute
    from jobs.models import ProviderAccount

    for alias in settings.PROVIDERS:
        ProviderAccount.objects.using(using).get_or_create(alias=alias)
    run_every_minute("jobs.tasks.dispatch", using)
