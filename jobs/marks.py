"""How each state looks: colour, icon and word, always the three together."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from catalog.marks import Mark
from catalog.models import Person

from .models import Gallery, ProviderAccount, Result, Step, TryOnJob

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
    "delivered": ("is-ok", "check"),
    "unknown": ("is-warn", "attention"),
    "published": ("is-live", "published"),
    # What the history calls a person's consent.
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
    # What the history calls the changes of a gallery.
    "added": ("is-ok", "plus"),
    "removed": ("", "close"),
    "ordered": ("", "check"),
    "deleted": ("is-bad", "close"),
    "shared": ("is-ok", "check"),
    "revoked": ("is-bad", "close"),
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
    "changed": _("Changed"),
    **dict(ProviderAccount.State.choices),
    **dict(Gallery.State.choices),
    "added": _("Added"),
    "removed": _("Removed"),
    "ordered": _("Order changed"),
    "deleted": _("Deleted"),
    "shared": _("Share link made"),
    "revoked": _("Share link revoked"),
}


def mark(state: str) -> Mark:
    """The look of a job's, a step's or a review's state."""
    css, icon = _LOOKS.get(state, ("", "pending"))
    return Mark(css, icon, str(_WORDS.get(state, state)))
