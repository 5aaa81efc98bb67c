"""Figures of days that are over, so that their rows are not counted again."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class DailyFigure(models.Model):
    """One figure of the overview for one day, stored when it is first computed.

    It can be deleted at any time: then it is computed again.
    """

    name = models.CharField(_("name"), max_length=20)
    day = models.DateField(_("day"))
    rows = models.JSONField(_("rows"), default=list)

    class Meta:
        ordering = ["-day", "name"]
        verbose_name = _("day’s tally")
        verbose_name_plural = _("days’ tallies")
        default_permissions = ()  # no page shows it, so no role needs a permission
        constraints = [models.UniqueConstraint(fields=["name", "day"], name="tally_once")]

    def __str__(self) -> str:
        return f"{self.name} {self.day}"
