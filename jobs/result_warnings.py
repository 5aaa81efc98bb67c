"""What a result's warning codes say to a person.

The engine knows its codes in English and knows no Django, so its sentences are repeated here for
the translators; a test keeps the two alike.
"""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

SENTENCES = {
    "garment_low_contrast": gettext_noop(
        "approximate: the garment hardly stands out from its background"
    ),
    "old_garment_skin_coloured": gettext_noop("approximate: old garment has skin colour"),
    "warp_folded": gettext_noop("approximate: the garment had to be bent more than it can"),
    "neckline_uncertain": gettext_noop("approximate: the front neckline was guessed"),
    "sleeve_unclear": gettext_noop("approximate: the sleeves could not be told from the trunk"),
    "refine_failed": gettext_noop("The refiner failed: this is the image before refining."),
    "refine_canceled": gettext_noop("Canceled before it was refined: this is the image as it was."),
}


def sentence(code: str) -> str:
    """The warning in the reader's language; a code that nobody has described is shown itself."""
    return _(SENTENCES[code]) if code in SENTENCES else code
