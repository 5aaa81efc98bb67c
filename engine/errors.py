"""The engine's refusals and warnings."""

from __future__ import annotations

WARNINGS = {
    "garment_low_contrast": "approximate: the garment hardly stands out from its background",
    "old_garment_skin_coloured": "approximate: old garment has skin colour",
    "warp_folded": "approximate: the garment had to be bent more than it can",
    "neckline_uncertain": "approximate: the front neckline was guessed",
    "sleeve_unclear": "approximate: the sleeves could not be told from the trunk",
}


class Refusal(Exception):
    """A photo that the engine cannot use: which (`subject`), why (`code`), and the remedy.

    `subject` is "person", "top", "bottom", "dress" or "coarse".
    """

    def __init__(self, code: str, message: str, subject: str = "person") -> None:
        self.code = code
        self.message = message
        self.subject = subject
        super().__init__(f"{code}: {message}")

    def __reduce__(self) -> tuple[type[Refusal], tuple[str, str, str]]:
        return Refusal, (self.code, self.message, self.subject)
