"""What the toy's error codes say to a person."""

from __future__ import annotations

from providers import error_meanings as shared
from providers.error_meanings import Meaning

ERROR_HELP = (
    Meaning("input", "The toy finds it ugly", "Choose another.", "toy_ugly"),
    # What many providers say, in its code.
    shared.TOO_BUSY.for_codes("toy_tired"),
)
