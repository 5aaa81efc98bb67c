"""What happens here and is heard above: called in the transaction of the move itself.

A room subscribes in its AppConfig.ready; nothing below needs to know who listens. A handler that
raises takes the move back with it, so a handler writes rows, and leaves the rest to on_commit.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable
from enum import StrEnum
from typing import Any

Handler = Callable[..., None]


class Kind(StrEnum):
    """Each with the facts that its handlers are called with."""

    JOB_ENDED = "job_ended"  # job_ids, batch_ids
    BATCH_READY = "batch_ready"  # batch_id, has_pending: every job has ended
    BATCH_REVIEWED = "batch_reviewed"  # batch_id
    RESULT_DECIDED = "result_decided"  # result_ids, batch_ids, verdict
    RESULT_PUBLISHED = "result_published"  # result_ids
    RESULT_UNPUBLISHED = "result_unpublished"  # result_ids
    GALLERY_SHOWN = "gallery_shown"  # gallery, state
    GALLERY_HIDDEN = "gallery_hidden"  # gallery, state
    CONSENT_WITHDRAWN = "consent_withdrawn"  # person_id


_handlers: dict[Kind, list[Handler]] = defaultdict(list)


def on(kind: Kind, handler: Handler, *, first: bool = False) -> None:
    """Call `handler` with the facts of each event of this kind, after those that are there.

    `first`: before them.
    """
    _handlers[kind].insert(0 if first else len(_handlers[kind]), handler)


def fire(kind: Kind, **facts: Any) -> None:
    """Call the handlers of this kind. Within the transaction of what has happened."""
    for handler in _handlers[kind]:
        handler(**facts)
