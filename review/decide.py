"""The one way in which a result is decided: judge, move, and write it down, under one lock."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from jobs.domain_events import Kind, fire
from jobs.models import Result, TryOnJob
from review.leases import LEASE, NOT_LEASED, free_for
from review.models import Decision, DecisionHistory, DecisionRefused

Review = Result.Review


def approve(result: Result, by: Any) -> bool:
    """Approve, also beside another attempt that is approved; whether this call did."""
    return _decides(result, Review.APPROVED, by, beside=True)


def reject(result: Result, by: Any, reason: str = "", note: str = "") -> bool:
    return _decides(result, Review.REJECTED, by, reason=reason, note=note)


def reopen(result: Result, by: Any) -> bool:
    """Undo: back to pending, unpublished; both decisions stay in the history."""
    return _decides(result, Review.PENDING, by)


def _decides(result: Result, verdict: str, by: Any, **said: Any) -> bool:
    """Whether this call did; `decide` tells why not."""
    try:
        decide(result, verdict, by, **said)
    except DecisionRefused:
        return False
    return True


def decide(
    result: Result,
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
    said = Decision(result=result, verdict=verdict, by=by, key=key, reason=reason, note=note)
    try:
        with transaction.atomic():
            return _decide(result, said, undoes, beside, seen)
    except IntegrityError:
        # The same key at the same moment, for another result.
        raise _refused("key", _("This decision was sent for another result.")) from None


def _decide(
    result: Result, said: Decision, undoes: uuid.UUID | None, beside: bool, seen: str | None
) -> Decision:
    row, now = _locked(result), timezone.now()
    history, same = DecisionHistory.of(row, said.key)
    if same:
        return _same(same, said)
    if seen is not None and seen != row.etag:
        result.updated_at = row.updated_at
        raise _refused("changed", _("It has changed since it was shown: look again."))
    if row.role != Result.Role.FINAL:
        raise _refused("role", _("Only final images are reviewed."))
    undoing = said.verdict == Review.PENDING
    if said.verdict == Review.APPROVED and not beside and has_rival(row):
        words = _("Another attempt is approved: choose between the two on the result page.")
        raise _refused("rival", words)
    check = _check_undo if undoing else _check_verdict
    said.opinion = check(row, history, said, undoes, now)
    if said.opinion:
        _reassign_lease(row, said.by if undoing else None, now)
    elif not _move(row, said, now):
        raise _refused("taken", history.words())
    said.save(force_insert=True)
    for name in ("review", "published_at", "leased_by_id", "leased_until"):
        setattr(result, name, getattr(row, name))
    return said


def _locked(result: Result) -> Result:
    """The row as it is now, and nobody else's until the transaction ends."""
    rows = Result.objects.select_for_update(of=("self",))
    return rows.select_related("job__batch", "leased_by").get(pk=result.pk)


def _check_verdict(
    row: Result,
    history: DecisionHistory,
    said: Decision,
    undoes: uuid.UUID | None,
    now: datetime,
) -> bool:
    """Whether this verdict is an opinion only. Raises DecisionRefused."""
    if row.review != Review.PENDING:
        raise _refused("taken", history.words())
    if settings.REVIEW_SECOND_OPINION and said.by_id in history.opinions:
        raise _refused("opinion", _("You have said it already: somebody else decides now."))
    if words := lease_refusal(row, said.by, now):
        raise _refused("leased", words)
    if said.verdict == Review.APPROVED and (words := launcher_refusal(row, said.by)):
        raise _refused("launcher", words)
    return not history.is_enough(said.verdict)


def _check_undo(
    row: Result,
    history: DecisionHistory,
    said: Decision,
    undoes: uuid.UUID | None,
    now: datetime,
) -> bool:
    """Whether only an opinion is taken back. Raises DecisionRefused."""
    if undoes and (history.last is None or history.last.key != undoes):
        raise _refused("taken", history.words())
    if row.review != Review.PENDING:
        return False
    if said.by_id not in history.opinions:
        raise _refused("taken", history.words() if history.last else _("There is nothing to undo."))
    return True


def has_rival(result: Result) -> bool:
    """Whether another attempt at the same cell is approved."""
    first = result.job.attempt_of_id or result.job_id
    jobs = TryOnJob.objects.filter(Q(pk=first) | Q(attempt_of=first))
    others = jobs.exclude(pk=result.job_id).order_by().values("pk")
    approved = Result.objects.final().filter(review=Review.APPROVED)
    return approved.filter(job__in=others).exists()


def lease_refusal(result: Result, by: Any, now: datetime) -> str:
    """Who else is looking at it; "" where nobody is."""
    until = result.leased_until
    if not result.leased_by or result.leased_by == by or until is None or until <= now:
        return ""
    return _("%(who)s is looking at it right now.") % {"who": result.leased_by}


def launcher_refusal(result: Result, by: Any) -> str:
    """Why this person may not approve it; "" where four eyes are not asked for, or are here."""
    launchers = {result.job.created_by_id, result.job.batch.created_by_id}
    if not settings.REVIEW_FOUR_EYES or by.pk not in launchers:
        return ""
    return _("You launched it: somebody else has to approve it.")


def _reassign_lease(row: Result, to: Any, now: datetime) -> None:
    """Who takes an opinion back sees it again; whoever gave one has done with it."""
    rows = Result.objects.filter(free_for(to, now) if to else Q(), pk=row.pk)
    values = _leased(to, now) if to else NOT_LEASED
    if rows.update(**values):
        row.leased_by, row.leased_until = values["leased_by"], values["leased_until"]


def _move(row: Result, said: Decision, now: datetime) -> bool:
    undoing = said.verdict == Review.PENDING
    allowed = [Review.APPROVED, Review.REJECTED] if undoing else [Review.PENDING]
    if undoing and row.published_at:
        row.unpublish(said.by)
    moved = row.transition(
        allowed,
        said.verdict,
        by=said.by,
        why=said.reason,
        where={"role": Result.Role.FINAL},
        **(_leased(said.by, now) if undoing else NOT_LEASED),
    )
    if moved:
        fire(
            Kind.RESULT_DECIDED,
            result_ids=[row.pk],
            batch_ids=[row.job.batch_id],
            verdict=said.verdict,
        )
    return moved


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
