"""The one way in which a result is decided: judge, move, and write it down, under one lock."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from .decision import Decision, DecisionRefused, Told, Verdict
from .lease import LEASE, NOT_LEASED, free_for


class Decidable(models.Model):
    """The part of a result that reviewers see: `decide`, and short ways to say it."""

    class Meta:
        abstract = True

    def approve(self, by: Any) -> bool:
        """Also beside another attempt that is approved: whoever says so here means it."""
        return self._decides(Verdict.APPROVED, by, beside=True)

    def reject(self, by: Any, reason: str = "", note: str = "") -> bool:
        return self._decides(Verdict.REJECTED, by, reason=reason, note=note)

    def reopen(self, by: Any) -> bool:
        """Undo: back to pending, unpublished; both decisions stay in the history."""
        return self._decides(Verdict.PENDING, by)

    def _decides(self, verdict: str, by: Any, **said: Any) -> bool:
        """Whether this call did; `decide` tells why not."""
        try:
            self.decide(verdict, by, **said)
        except DecisionRefused:
            return False
        return True

    def decide(
        self: Any,
        verdict: str,
        by: Any,
        *,
        key: uuid.UUID | None = None,
        reason: str = "",
        note: str = "",
        undoes: uuid.UUID | None = None,
        beside: bool = False,
        seen: str | None = None,
    ) -> Decision:
        """Approve, reject, or (pending) undo. Sent again with the same key, it is answered again.

        `undoes`: the key of the decision that is taken back, if it still is the last one.
        `beside`: approve also where another attempt at the same cell is approved. `seen`: the
        version that was judged; None is whatever it is now. Raises DecisionRefused with the words
        for the reviewer, and then nothing has changed: `revision` is what it was under the lock.
        """
        said = Decision(result=self, verdict=verdict, by=by, key=key, reason=reason, note=note)
        try:
            with transaction.atomic():
                made: Decision = self._decide(said, undoes, beside, seen)
                return made
        except IntegrityError:
            # The same key at the same moment, for another result.
            raise _refused("key", _("This decision was sent for another result.")) from None

    def _decide(
        self, said: Decision, undoes: uuid.UUID | None, beside: bool, seen: str | None
    ) -> Decision:
        row, now = self._locked(), timezone.now()
        told, same = Told.of(row, said.key)
        if same:
            return _same(same, said)
        if seen is not None and seen != row.revision:
            self.updated_at = row.updated_at
            raise _refused("changed", _("It has changed since it was shown: look again."))
        if row.role != "final":
            raise _refused("role", _("Only final images are reviewed."))
        undoing = said.verdict == Verdict.PENDING
        if said.verdict == Verdict.APPROVED and not beside and row.has_rival():
            words = _("Another attempt is approved: choose between the two on the result page.")
            raise _refused("rival", words)
        said.opinion = row.undone(told, said, undoes) if undoing else row.judged(told, said, now)
        if said.opinion:
            row.lend(said.by if undoing else None, now)
        elif not row._moved(said, now):
            raise _refused("taken", told.words())
        said.save(force_insert=True)
        for name in ("review", "published_at", "leased_by_id", "leased_until"):
            setattr(self, name, getattr(row, name))
        return said

    def _locked(self) -> Any:
        """This row as it is now, and nobody else's until the transaction ends."""
        rows: Any = type(self)._base_manager.select_for_update(of=("self",))
        return rows.select_related("job__batch", "leased_by").get(pk=self.pk)

    def judged(self: Any, told: Told, said: Decision, now: datetime) -> bool:
        """Whether this verdict is an opinion only. Raises DecisionRefused."""
        if self.review != Verdict.PENDING:
            raise _refused("taken", told.words())
        if settings.REVIEW_SECOND_OPINION and said.by_id in told.opinions:
            raise _refused("opinion", _("You have said it already: somebody else decides now."))
        if words := self.lease_refusal(said.by, now):
            raise _refused("leased", words)
        if said.verdict == Verdict.APPROVED and (words := self.launcher_refusal(said.by)):
            raise _refused("launcher", words)
        return not told.is_enough(said.verdict)

    def undone(self: Any, told: Told, said: Decision, undoes: uuid.UUID | None) -> bool:
        """Whether only an opinion is taken back. Raises DecisionRefused."""
        if undoes and (told.last is None or told.last.key != undoes):
            raise _refused("taken", told.words())
        if self.review != Verdict.PENDING:
            return False
        if said.by_id not in told.opinions:
            raise _refused("taken", told.words() if told.last else _("There is nothing to undo."))
        return True

    def has_rival(self: Any) -> bool:
        """Whether another attempt at the same cell is approved."""
        first = self.job.attempt_of_id or self.job_id
        jobs = type(self.job).objects.filter(models.Q(pk=first) | models.Q(attempt_of=first))
        others = jobs.exclude(pk=self.job_id).order_by().values("pk")
        rows: Any = type(self)._base_manager.filter(role="final", review=Verdict.APPROVED)
        return bool(rows.filter(job__in=others).exists())

    def lease_refusal(self: Any, by: Any, now: datetime) -> str:
        """Who else is looking at it; "" where nobody is."""
        if not self.leased_by or self.leased_by == by or self.leased_until <= now:
            return ""
        return _("%(who)s is looking at it right now.") % {"who": self.leased_by}

    def launcher_refusal(self: Any, by: Any) -> str:
        """Why this person may not approve it; "" where four eyes are not asked for, or are here."""
        launchers = {self.job.created_by_id, self.job.batch.created_by_id}
        if not settings.REVIEW_FOUR_EYES or by.pk not in launchers:
            return ""
        return _("You launched it: somebody else has to approve it.")

    def lend(self: Any, to: Any, now: datetime) -> None:
        """Who takes an opinion back sees it again; whoever gave one has done with it."""
        rows = type(self)._base_manager.filter(free_for(to, now) if to else models.Q(), pk=self.pk)
        values = _leased(to, now) if to else NOT_LEASED
        if rows.update(**values):
            self.leased_by, self.leased_until = values["leased_by"], values["leased_until"]

    def _moved(self: Any, said: Decision, now: datetime) -> bool:
        from jobs import notifying
        from jobs.webhooks import telling

        undoing, shown = said.verdict == Verdict.PENDING, self.published_at
        allowed = [Verdict.APPROVED, Verdict.REJECTED] if undoing else [Verdict.PENDING]
        values = {"published_at": None, **_leased(said.by, now)} if undoing else NOT_LEASED
        where = {"role": "final"}
        moved = self.move(allowed, said.verdict, by=said.by, why=said.reason, where=where, **values)
        if not moved:
            return False
        telling.results_decided([self.pk])
        if undoing:
            telling.results_published([self.pk] if shown else [], False)
            transaction.on_commit(self.hide)
        else:
            notifying.decided([self.job.batch_id])
        return True


def _leased(to: Any, now: datetime) -> dict[str, Any]:
    return {"leased_by": to, "leased_until": now + LEASE}


def _same(before: Decision, said: Decision) -> Decision:
    ours = (before.result_id, before.verdict, before.by_id)
    if ours != (said.result_id, said.verdict, said.by_id):
        raise _refused("key", _("This decision was sent for another result."))
    before.repeated = True
    return before


def _refused(code: str, words: str) -> DecisionRefused:
    return DecisionRefused(code, words)
