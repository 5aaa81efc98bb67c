"""What was counted of a day that is over, so that nobody counts its rows again."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class DailyFigure(models.Model):
    """The answer to one question of the overview for one day; made by whoever asks first.

    It can be deleted at any time: then it is counted once more.
    """

    name = models.CharField(_("name"), max_length=20)
    day = models.DateField(_("day"))
    rows = models.JSONField(_("rows"), default=list)

    class Meta:
        ordering = ["-day", "name"]
        verbose_name = _("day’s tally")
        verbose_name_plural = _("days’ tallies")
        default_permissions = ()  # nobody looks at it, and so no role need speak of it
        constraints = [models.UniqueConstraint(fields=["name", "day"], name="tally_once")]

    def __str__(self) -> str:
        return f"{self.name} {self.day}"
