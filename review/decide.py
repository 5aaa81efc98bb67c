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
from django.utils.translation import gettext_lazy

from jobs.domain_events import Kind, fire
from jobs.models import Result, TryOnJob
from review.leases import LEASE, NOT_LEASED, free_for
from review.models import Decision, DecisionRefused

Review = Result.Review
# How many reviewers must agree, where a second opinion is asked for.
NEEDED_VOTES = 2
DECIDED_BY = {
    Review.APPROVED: gettext_lazy("%(who)s has approved it already."),
    Review.REJECTED: gettext_lazy("%(who)s has rejected it already."),
    Review.PENDING: gettext_lazy("%(who)s has undone it already."),
}


def approve(result: Result, by: Any) -> bool:
    """Approve, also beside another attempt that is approved; whether this call did."""
    return _try_to_decide(result, Review.APPROVED, by, beside=True)


def reject(result: Result, by: Any, reason: str = "", note: str = "") -> bool:
    """Reject; whether this call did."""
    return _try_to_decide(result, Review.REJECTED, by, reason=reason, note=note)


def reopen(result: Result, by: Any) -> bool:
    """Undo: back to pending, unpublished; both decisions stay in the history."""
    return _try_to_decide(result, Review.PENDING, by)


def _try_to_decide(result: Result, verdict: str, by: Any, **options: Any) -> bool:
    try:
        decide(result, verdict, by, **options)
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
    `beside`: approve also where another attempt at the same cell is approved. `seen`: the etag
    of what was judged; None is whatever it is now. Raises DecisionRefused with a text for the
    reviewer, and then nothing has changed but `result.updated_at`, if `seen` is out of date.
    """
    made = Decision(result=result, verdict=verdict, by=by, key=key, reason=reason, note=note)
    try:
        with transaction.atomic():
            rows = Result.objects.select_for_update(of=("self",))
            row = rows.select_related("job__batch", "leased_by").get(pk=result.pk)
            history, now = DecisionHistory(row, key), timezone.now()
            if history.sent_before:
                return _repeated(history.sent_before, made)
            if seen is not None and seen != row.etag:
                result.updated_at = row.updated_at
                text = _("It has changed since it was shown: look again.")
                raise DecisionRefused("changed", text)
            _write(row, made, history, undoes, beside, now)
    except IntegrityError:
        # The same key at the same moment, for another result.
        text = _("This decision was sent for another result.")
        raise DecisionRefused("key", text) from None
    for name in ("review", "published_at", "leased_by_id", "leased_until"):
        setattr(result, name, getattr(row, name))
    return made


def _write(
    row: Result,
    made: Decision,
    history: DecisionHistory,
    undoes: uuid.UUID | None,
    beside: bool,
    now: datetime,
) -> None:
    """Move the locked row and keep the decision, or only a vote where more must agree."""
    if row.role != Result.Role.FINAL:
        raise DecisionRefused("role", _("Only final images are reviewed."))
    undoing = made.verdict == Review.PENDING
    if made.verdict == Review.APPROVED and not beside and has_rival(row):
        text = _("Another attempt is approved: choose between the two on the result page.")
        raise DecisionRefused("rival", text)
    if undoing:
        made.opinion = _takes_back_vote(row, history, made, undoes)
    else:
        made.opinion = _is_only_vote(row, history, made, now)
    if made.opinion:
        _reassign_lease(row, made.by if undoing else None, now)
    elif not _move(row, made, now):
        raise DecisionRefused("taken", history.last_text())
    made.save(force_insert=True)


def _repeated(before: Decision, made: Decision) -> Decision:
    """The decision that this key has made, if it was this one. Raises DecisionRefused."""
    ours = (before.result_id, before.verdict, before.by_id)
    if ours != (made.result_id, made.verdict, made.by_id):
        raise DecisionRefused("key", _("This decision was sent for another result."))
    before.repeated = True
    return before


class DecisionHistory:
    """What has been decided about a result, read while its row is locked."""

    def __init__(self, result: Result, key: uuid.UUID | None) -> None:
        """`key`: that of a new decision, which may have been sent before, for any result."""
        rows = Decision.objects.filter(Q(result=result) | Q(key=key, key__isnull=False))
        found = list(rows.select_related("by").order_by("id"))
        self.sent_before = next((each for each in found if key and each.key == key), None)
        decisions = [each for each in found if each.result_id == result.pk]
        self.last = decisions[-1] if decisions else None
        # Verdicts that count towards the next decision, by reviewer. Who takes a decision back
        # takes the own vote back; undone by another, all votes are void.
        self.votes: dict[int | None, str] = {}
        decided_by: int | None = None
        for each in decisions:
            if each.verdict != Review.PENDING:
                self.votes[each.by_id] = each.verdict
                decided_by = decided_by if each.opinion else each.by_id
            elif each.opinion or each.by_id == decided_by:
                self.votes.pop(each.by_id, None)
            else:
                self.votes.clear()

    def last_text(self) -> str:
        """Who decided what, for a reviewer who came later."""
        if self.last is None:
            return _("It has been decided already.")
        return str(DECIDED_BY[Review(self.last.verdict)]) % {"who": self.last.by or _("Somebody")}


def _is_only_vote(row: Result, history: DecisionHistory, made: Decision, now: datetime) -> bool:
    """Whether this verdict still needs another reviewer's. Raises DecisionRefused."""
    if row.review != Review.PENDING:
        raise DecisionRefused("taken", history.last_text())
    if settings.REVIEW_SECOND_OPINION and made.by_id in history.votes:
        text = _("You have said it already: somebody else decides now.")
        raise DecisionRefused("opinion", text)
    if text := lease_refusal(row, made.by, now):
        raise DecisionRefused("leased", text)
    if made.verdict == Review.APPROVED and (text := launcher_refusal(row, made.by)):
        raise DecisionRefused("launcher", text)
    if not settings.REVIEW_SECOND_OPINION:
        return False
    return list(history.votes.values()).count(made.verdict) < NEEDED_VOTES - 1


def _takes_back_vote(
    row: Result, history: DecisionHistory, made: Decision, undoes: uuid.UUID | None
) -> bool:
    """Whether a vote only, and no decision, is undone. Raises DecisionRefused."""
    if undoes and (history.last is None or history.last.key != undoes):
        raise DecisionRefused("taken", history.last_text())
    if row.review != Review.PENDING:
        return False
    if made.by_id not in history.votes:
        text = history.last_text() if history.last else _("There is nothing to undo.")
        raise DecisionRefused("taken", text)
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
    """Who takes a vote back sees the result again; whoever has voted has done with it."""
    rows = Result.objects.filter(free_for(to, now) if to else Q(), pk=row.pk)
    values = {"leased_by": to, "leased_until": now + LEASE} if to else NOT_LEASED
    if rows.update(**values):
        row.leased_by, row.leased_until = values["leased_by"], values["leased_until"]


def _move(row: Result, made: Decision, now: datetime) -> bool:
    undoing = made.verdict == Review.PENDING
    if undoing and row.published_at:
        row.unpublish(made.by)
    moved = row.transition(
        [Review.APPROVED, Review.REJECTED] if undoing else [Review.PENDING],
        made.verdict,
        by=made.by,
        why=made.reason,
        where={"role": Result.Role.FINAL},
        **({"leased_by": made.by, "leased_until": now + LEASE} if undoing else NOT_LEASED),
    )
    if moved:
        facts = {"result_ids": [row.pk], "batch_ids": [row.job.batch_id]}
        fire(Kind.RESULT_DECIDED, **facts, verdict=made.verdict)
    return moved


def confirmation_text(made: Decision) -> str:
    """What to say to the reviewer who has just made this decision."""
    if made.verdict == Review.PENDING:
        return _("Undone: it waits for review again.")
    if made.opinion:
        return _("Noted: it counts once another reviewer says the same.")
    return _("Approved.") if made.verdict == Review.APPROVED else _("Rejected.")
