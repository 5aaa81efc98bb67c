from __future__ import annotations

from functools import partial

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class WebhooksConfig(AppConfig):
    name = "webhooks"
    verbose_name = _("Webhooks")

    def ready(self) -> None:
        from catalog.lanes import run_every_minute
        from jobs.domain_events import Kind, on
        from webhooks import checks, subscribers  # noqa: F401

        # Before the completion of the batch, which it may cause: receivers get them in that order.
        on(Kind.JOB_ENDED, subscribers.on_job_ended, first=True)
        on(Kind.BATCH_READY, subscribers.on_batch_ready)
        on(Kind.RESULT_DECIDED, subscribers.on_result_decided, first=True)
        on(Kind.RESULT_PUBLISHED, subscribers.on_result_published)
        on(Kind.RESULT_UNPUBLISHED, subscribers.on_result_unpublished)
        on(Kind.GALLERY_SHOWN, subscribers.on_gallery_shown)
        on(Kind.GALLERY_HIDDEN, subscribers.on_gallery_hidden)
        wake = partial(run_every_minute, "webhooks.tasks.wake")
        post_migrate.connect(wake, sender=self, weak=False)
