"""What reviewers have decided: append-only, each decision once."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from jobs.models import Result


class DecisionRefused(ValueError):
    """The decision does not count. Its text says to the reviewer why, and who was faster."""

    # taken, leased, launcher, opinion, rival, key, role
    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


class Decision(models.Model):
    """What a reviewer said, append-only; undoing is a decision of its own."""

    class Reason(models.TextChoices):
        SHAPE = "shape", _("Garment has the wrong shape")
        PRINT = "print", _("Print or logo distorted")
        COLOUR = "colour", _("Colour is off")
        HANDS = "hands", _("Hands or limbs are wrong")
        FACE = "face", _("Face changed")
        LENGTH = "length", _("Length or layering is wrong")
        BACKGROUND = "background", _("Background damaged")
        OTHER = "other", _("Something else")

    result = models.ForeignKey(
        "jobs.Result", models.CASCADE, related_name="decisions", verbose_name=_("result")
    )
    verdict = models.CharField(_("verdict"), max_length=8, choices=Result.Review)
    reason = models.CharField(_("reason"), max_length=12, choices=Reason, blank=True)
    note = models.CharField(_("note"), max_length=500, blank=True)
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="+", verbose_name=_("by")
    )
    at = models.DateTimeField(_("at"), default=timezone.now)
    # Made by whoever decides, once per decision: sent twice over a bad line, it counts once.
    key = models.UUIDField(null=True, unique=True, editable=False)
    # Where two reviewers must agree, the first of them has an opinion only.
    opinion = models.BooleanField(_("opinion"), default=False, editable=False)
    # Whether it was made before, and is only answered again.
    repeated = False

    class Meta:
        ordering = ["id"]
        verbose_name = _("decision")
        verbose_name_plural = _("decisions")
        indexes = [
            # The overview counts what was decided in the last days.
            models.Index(fields=["at"], name="decision_at"),
            # The admin's search in notes: few decisions have one.
            models.Index(fields=["-id"], condition=~Q(note=""), name="decision_note"),
        ]

    def __str__(self) -> str:
        return f"{self.get_verdict_display()} ({self.by})"
