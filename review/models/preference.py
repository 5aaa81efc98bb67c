"""Which image of a cell a reviewer found best, without knowing its provider."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from jobs.models.batch import Comparison
from jobs.models.result import Result


class Preference(models.Model):
    """One reviewer's choice in one cell. It is no verdict: each image is approved on its own.

    `cell` is review.comparison.blind's key. Without a `result`, none was any good. `shown` are the
    ids of the images in the order in which this reviewer saw them; `decided` are those of them
    that were approved or rejected together with the choice, and are undone together with it.
    """

    comparison = models.ForeignKey(
        Comparison, models.CASCADE, related_name="preferences", verbose_name=_("comparison")
    )
    cell = models.CharField(max_length=80)
    result = models.ForeignKey(
        Result, models.CASCADE, null=True, related_name="preferences", verbose_name=_("result")
    )
    shown = models.JSONField(default=list)
    decided = models.JSONField(default=list)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="+", verbose_name=_("by")
    )
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        ordering = ["id"]
        verbose_name = _("preference")
        verbose_name_plural = _("preferences")
        default_permissions = ()  # shown within its comparison, whose permission covers it
        constraints = [
            models.UniqueConstraint(fields=["comparison", "by", "cell"], name="preference_once")
        ]

    def __str__(self) -> str:
        return f"{self.comparison} {self.cell}"
