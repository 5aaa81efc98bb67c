"""What an image is marked with: the installation's marks, and those of one image."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace

from django.conf import settings

from galleries.labelling.visible import can_draw

# Raise it when the same settings would make other files than before: all are then made anew.
VERSION = 1
FALLBACK_TEXT = "AI generated"

# IPTC has two terms for generative AI. `trainedAlgorithmicMedia` is for images that a model made
# from nothing but text or samples. A try-on changes a real photo: the person, the pose and mostly
# the background are the camera's, the garment is painted in, and for that IPTC added
# `compositeWithTrainedAlgorithmicMedia` ("edited using generative AI", as by inpainting).
# https://cv.iptc.org/newscodes/digitalsourcetype/ and iptc.org's announcement of the term, read
# 2026-11-25. The embedded engine only warps and blends, but a trained model tells it where: it
# gets the same term, because too strong a mark misleads nobody.
SOURCE_TYPE = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"


@dataclass(frozen=True)
class Marks:
    """`text`: what is written into the picture, "" for nothing. `produce_id`: its number."""

    text: str
    producer: str
    credit: str
    system: str = ""
    system_version: str = ""
    produce_id: str = ""

    def for_image(self, sha256: str, system: str, system_version: str) -> Marks:
        """Return the marks of one image, by the hash of its original and the system that made it.

        The number is a hash of the hash: whoever sees it learns nothing of the original, and
        whoever has the original can always find it again.
        """
        number = hashlib.sha256(f"toile:{sha256}".encode()).hexdigest()[:32]
        return replace(self, system=system, system_version=system_version, produce_id=number)

    def aigc(self) -> str:
        """The implicit label of China's measures: the JSON of GB 45438-2025, annex E.

        Label 1: it is AI generated or synthesised. A platform that spreads the image enters itself
        as the propagator, and the reserved codes (a hash, a signature) are optional.
        """
        fields = {
            "Label": "1",
            "ContentProducer": self.producer,
            "ProduceID": self.produce_id,
            "ReservedCode1": "",
            "ContentPropagator": "",
            "PropagateID": "",
            "ReservedCode2": "",
        }
        return json.dumps(fields, separators=(",", ":"))

    def version_label(self, *also: object) -> str:
        """A short text that changes whenever these marks, or anything in `also`, change."""
        parts = [VERSION, SOURCE_TYPE, self.text, self.producer, self.credit, *also]
        digest = hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:12]
        return f"v{VERSION} {'visible' if self.text else 'metadata'} {digest}"


def from_settings() -> Marks:
    """Return the installation's marks. A text that our font cannot write is replaced by Latin."""
    text = settings.AI_LABEL_TEXT if settings.AI_LABEL_VISIBLE else ""
    if text and not can_draw(text):
        text = FALLBACK_TEXT
    return Marks(text, settings.AI_LABEL_PRODUCER, settings.AI_LABEL_CREDIT)
