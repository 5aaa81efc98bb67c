"""How each state is shown: colour, icon and label, always the three together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class Badge(NamedTuple):
    css: str
    icon: str
    word: str


# state: (class of its colour, name of its icon). The labels are the models' own.
_STYLES = {
    "queued": ("", "queued"),
    "running": ("is-run", "running"),
    "succeeded": ("is-ok", "check"),
    "failed": ("is-bad", "close"),
    "canceled": ("", "canceled"),
    "needs_attention": ("is-warn", "attention"),
    "pending": ("", "pending"),
    "approved": ("is-ok", "approved"),
    "rejected": ("is-bad", "rejected"),
    "waiting": ("", "queued"),
    "submitting": ("is-run", "running"),
    "remote": ("is-run", "running"),
    "storing": ("is-run", "running"),
    "done": ("is-ok", "check"),
    "delivered": ("is-ok", "check"),
    "unknown": ("is-warn", "attention"),
    "published": ("is-live", "published"),
    # A person's consent in the history.
    "none": ("is-warn", "attention"),
    "tryon": ("is-ok", "check"),
    "publish": ("is-ok", "check"),
    "unneeded": ("is-ok", "check"),
    "withdrawn": ("is-bad", "close"),
    "erased": ("is-bad", "close"),
    "changed": ("", "check"),
    "open": ("is-ok", "check"),
    "paused": ("is-warn", "pause"),
    "draft": ("", "pending"),
    "scheduled": ("is-run", "clock"),
    "shown": ("is-live", "published"),
    "ended": ("", "archive"),
    # A gallery's changes in the history.
    "added": ("is-ok", "plus"),
    "removed": ("", "close"),
    "ordered": ("", "check"),
    "deleted": ("is-bad", "close"),
    "shared": ("is-ok", "check"),
    "revoked": ("is-bad", "close"),
}
_LABELS: dict[str, StrOrPromise] = {}


def add_labels(choices: Iterable[tuple[str, StrOrPromise]]) -> None:
    """Register the labels of a room's states, in its AppConfig.ready."""
    _LABELS.update(choices)


def badge(state: str) -> Badge:
    """Return the badge of a state."""
    css, icon = _STYLES.get(state, ("", "pending"))
    return Badge(css, icon, str(_LABELS.get(state, state)))
