"""What reviewers decide: once each, by rules that hold for whoever asks, never written over."""

from __future__ import annotations

import uuid
from collections.abc import Iterable
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _t
from django.utils.translation import gettext_lazy as _

from jobs.models import Result

# How many must say the same, where a second opinion is asked for.
TWO = 2


class DecisionRefused(ValueError):
    """The decision does not count. Its text says to the reviewer why, and who was faster."""

    # taken, leased, launcher, opinion, rival, key, role
    def __init__(self, code: str, words: str) -> None:
        super().__init__(words)
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

    def told(self) -> str:
        """What the reviewer is told who has just made it."""
        if self.verdict == Result.Review.PENDING:
            return _t("Undone: it waits for review again.")
        if self.opinion:
            return _t("Noted: it counts once another reviewer says the same.")
        return _t("Approved.") if self.verdict == Result.Review.APPROVED else _t("Rejected.")


class DecisionHistory:
    """What has been decided about one result, read while its row is locked."""

    decided: ClassVar[dict[str, Any]] = {
        Result.Review.APPROVED: _("%(who)s has approved it already."),
        Result.Review.REJECTED: _("%(who)s has rejected it already."),
        Result.Review.PENDING: _("%(who)s has undone it already."),
    }

    def __init__(self, decisions: Iterable[Decision]) -> None:
        self.all = list(decisions)
        self.last = self.all[-1] if self.all else None
        self.opinions = self._opinions()

    @classmethod
    def of(cls, result: Any, key: uuid.UUID | None) -> tuple[DecisionHistory, Decision | None]:
        """What was said of this result, and the decision that has this key, if there is one."""
        rows = Decision.objects.filter(Q(result=result) | Q(key=key, key__isnull=False))
        found = list(rows.select_related("by").order_by("id"))
        same = next((each for each in found if key and each.key == key), None)
        return cls(each for each in found if each.result_id == result.pk), same

    def _opinions(self) -> dict[int | None, str]:
        """Verdicts that count towards the next decision, by reviewer.

        Who takes a decision back takes back the own opinion; undone by another, all are void.
        """
        counted: dict[int | None, str] = {}
        final: int | None = None
        for said in self.all:
            if said.verdict != Result.Review.PENDING:
                counted[said.by_id] = said.verdict
                final = final if said.opinion else said.by_id
            elif said.opinion or said.by_id == final:
                counted.pop(said.by_id, None)
            else:
                counted.clear()
        return counted

    def is_enough(self, verdict: str) -> bool:
        """Whether this verdict of one more reviewer decides."""
        if not settings.REVIEW_SECOND_OPINION:
            return True
        return list(self.opinions.values()).count(verdict) >= TWO - 1

    def words(self) -> str:
        """Who decided what, for a reviewer who came later."""
        if self.last is None:
            return _t("It has been decided already.")
        return str(self.decided[self.last.verdict]) % {"who": self.last.by or _t("Somebody")}
