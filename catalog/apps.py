from functools import partial

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class CatalogConfig(AppConfig):
    name = "catalog"
    verbose_name = _("Library")

    def ready(self) -> None:
        from catalog.models import Person
        from portal import badges

        badges.add_labels(Person.Consent.choices)
        from catalog import checks  # noqa: F401
        from catalog.lanes import run_every_minute

        wake = partial(run_every_minute, "catalog.tasks.wake")
        post_migrate.connect(wake, sender=self, weak=False)
