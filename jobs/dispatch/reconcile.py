"""A submit whose answer never came: find out from the provider's own list what became of it."""

from __future__ import annotations

from datetime import datetime, timedelta

from jobs import pipeline
from jobs.models import Step
from providers.contract import Provider, ProviderError, RemoteTask, Unsupported

# The provider's clock may differ from ours by this much.
SKEW = timedelta(seconds=60)
ASK_AGAIN_S = 5
GIVE_UP_AFTER = timedelta(minutes=30)


def look_up(provider: Provider, step: Step, now: datetime) -> list[RemoteTask]:
    """The provider's tasks of this step's model that were made around its submit.

    Raises ProviderError; `unsupported` where the provider has no list, or no such calls in it.
    """
    model = provider.capabilities.models.get(step.model)
    if model is None or not model.in_task_list:
        raise Unsupported("Calls of this model are not in the provider's list.")
    sent_at = step.submitted_at or now
    tasks = provider.recent(sent_at - SKEW, now + SKEW)
    return [task for task in tasks if task.model == step.model]


def apply(
    step: Step, answer: list[RemoteTask] | ProviderError, where: pipeline.Where, now: datetime
) -> None:
    """Adopt the one task that nobody knows, wait again where there is none, else ask a person."""
    if isinstance(answer, ProviderError):
        _not_answered(step, answer, where, now)
        return
    unknown = unknown_ids(step, answer)
    if not unknown:
        step.return_to_queue("not in the provider's list", where, now)
    elif len(unknown) == 1:
        if step.accepted(unknown[0], where, now, poll_at=now):
            step.job.start()
    else:
        message = f"{len(unknown)} unknown tasks at the provider: {', '.join(unknown)}"
        pipeline.ask_a_person(step, where, "not_reconciled", message)


def unknown_ids(step: Step, tasks: list[RemoteTask]) -> list[str]:
    """Ids of those tasks that no step of this account has."""
    ids = [task.remote_id for task in tasks]
    known = set(
        Step.objects.filter(account=step.account, remote_id__in=ids).values_list(
            "remote_id", flat=True
        )
    )
    return [remote_id for remote_id in ids if remote_id not in known]


def _not_answered(step: Step, error: ProviderError, where: pipeline.Where, now: datetime) -> None:
    waited = now - (step.submitted_at or now)
    if error.kind == "unsupported" or waited > GIVE_UP_AFTER:
        message = f"The call may have been billed, and the provider cannot tell: {error}"
        pipeline.ask_a_person(step, where, "not_reconciled", message)
        return
    again = now + timedelta(seconds=ASK_AGAIN_S)
    Step.objects.filter(pk=step.pk, state=Step.State.UNKNOWN, **where).update(due_at=again)
