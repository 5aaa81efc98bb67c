"""Marks images as made with AI: in their metadata always, in the picture by setting.

Pure functions, bytes in and bytes out. docs/labelling.md names the rules and where they stand.
"""

from galleries.labelling.files import Rendition, labelled, renditions
from galleries.labelling.label import Marks, from_settings
from galleries.labelling.visible import can_draw, missing_characters, text_height

__all__ = [
    "Marks",
    "Rendition",
    "can_draw",
    "from_settings",
    "labelled",
    "missing_characters",
    "renditions",
    "text_height",
]
