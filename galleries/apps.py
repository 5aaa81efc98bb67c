from __future__ import annotations

from functools import partial

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class GalleriesConfig(AppConfig):
    name = "galleries"
    verbose_name = _("Galleries")

    def ready(self) -> None:
        from galleries.models import Gallery
        from portal import badges

        badges.add_labels(Gallery.State.choices)
        # The labels of its changes in the history.
        badges.add_labels(
            [
                ("added", _("Added")),
                ("removed", _("Removed")),
                ("ordered", _("Order changed")),
                ("deleted", _("Deleted")),
                ("shared", _("Share link made")),
                ("revoked", _("Share link revoked")),
            ]
        )
        from catalog.lanes import run_every_minute
        from galleries import checks, public_images  # noqa: F401
        from jobs.domain_events import Kind, on

        on(Kind.RESULT_PUBLISHED, public_images.on_published)
        on(Kind.RESULT_UNPUBLISHED, public_images.on_unpublished)
        on(Kind.CONSENT_WITHDRAWN, public_images.on_consent_withdrawn)
        wake = partial(run_every_minute, "galleries.tasks.wake")
        post_migrate.connect(wake, sender=self, weak=False)
