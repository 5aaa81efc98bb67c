"""How each state looks: colour, icon and word, always the three together."""

from __future__ import annotations

from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from catalog.models import Person

from .models import Result, Step, TryOnJob

# state: (class of its colour, name of its icon). The words are the models' own.
_LOOKS = {
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
    "unknown": ("is-warn", "attention"),
    "published": ("is-live", "published"),
    # What the history calls a person's consent.
    "none": ("is-warn", "attention"),
    "tryon": ("is-ok", "check"),
    "publish": ("is-ok", "check"),
    "unneeded": ("is-ok", "check"),
    "withdrawn": ("is-bad", "close"),
    "erased": ("is-bad", "close"),
}
_WORDS = {
    **dict(Step.State.choices),
    **dict(TryOnJob.State.choices),
    **dict(Result.Review.choices),
    **dict(Person.Consent.choices),
    "published": _("Published"),
    "none": _("No consent"),
    "withdrawn": _("Consent withdrawn"),
    "erased": _("Erased"),
}


class Mark(NamedTuple):
    css: str
    icon: str
    word: str


def mark(state: str) -> Mark:
    """The look of a job's, a step's or a review's state."""
    css, icon = _LOOKS.get(state, ("", "pending"))
    return Mark(css, icon, str(_WORDS.get(state, state)))
