"""What the engine's and the pipeline's warnings say to a person."""

from __future__ import annotations

from django.utils.translation import gettext as _

from jobs.engine import WARNINGS


def sentence(code: str) -> str:
    """The warning in the reader's language; an unknown code as it is."""
    if code == "refine_failed":
        return _("The refiner failed: this is the image before refining.")
    return _(WARNINGS[code]) if code in WARNINGS else code
