"""Marks images as made with AI: in their metadata always, in the picture by setting.

Pure functions, bytes in and bytes out. docs/labelling.md names the rules and where they stand.
"""

from galleries.labelling.files import Rendition, labelled, renditions
from galleries.labelling.label import Marks, from_settings
from galleries.labelling.visible import drawable, font_lacks, text_height

__all__ = [
    "Marks",
    "Rendition",
    "drawable",
    "font_lacks",
    "from_settings",
    "labelled",
    "renditions",
    "text_height",
]
