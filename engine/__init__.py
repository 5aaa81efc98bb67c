"""The local try-on engine: warps a garment photo onto a person photo, on the CPU and offline.

Importing this is cheap: OpenCV and mediapipe are imported by the first call that needs them.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from engine.analysis_cache import AnalysisCache, clear_all
from engine.errors import WARNINGS, Refusal

__all__ = [
    "VERSION",
    "WARNINGS",
    "Crop",
    "Memory",
    "Picture",
    "Refusal",
    "forget",
    "parse",
    "refine",
    "tryon",
    "unavailable",
]


def _version() -> str:
    """A digest of the engine's source: whatever could change the output changes it."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.rglob("*.py")):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:12]


VERSION = _version()
# What the graphs load from the mediapipe wheel.
MODELS = (
    "pose_detection/pose_detection.tflite",
    "pose_landmark/pose_landmark_full.tflite",
    "selfie_segmentation/selfie_segmentation.tflite",
    "face_detection/face_detection_full_range_sparse.tflite",
)


@dataclass(frozen=True)
class Picture:
    """A result: `data` is a JPEG (quality 95, 4:4:4); `warnings` are codes of WARNINGS."""

    data: bytes
    width: int
    height: int
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class Crop:
    """A worn garment: `cutout` RGBA PNG, `crop` JPEG on a light ground, `box` x1, y1, x2, y2."""

    cutout: bytes
    crop: bytes
    box: tuple[int, int, int, int]


def unavailable() -> str:
    """Return why the engine cannot run and what to install, in one sentence; "" when it can.

    Looks at files only: a web process that offers the engine does not load its libraries.
    """
    remedy = "run `pip install --no-deps -r requirements-engine.txt`."
    for name in ("cv2", "mediapipe"):
        if find_spec(name) is None:
            return f"The local engine needs {name}: {remedy}"
    if missing := missing_models():
        return f"mediapipe lacks its model {missing[0]}, which only 0.10.21 carries: {remedy}"
    return ""


def missing_models() -> list[str]:
    """Return the model files that this mediapipe wheel lacks (wheels after 0.10.21 carry none)."""
    spec = find_spec("mediapipe")
    folders = (
        [Path(place) / "modules" for place in spec.submodule_search_locations or ()] if spec else []
    )
    return [name for name in MODELS if not any((folder / name).is_file() for folder in folders)]


def tryon(
    person: bytes, garments: Mapping[str, bytes], *, cache: AnalysisCache | None = None
) -> Picture:
    """Dress the person of one photo; `garments` maps "top", "bottom" or "dress" to a photo each.

    The result has the person photo's size (at most 2048 pixels on the long side). Raises Refusal.
    """
    from engine import operations

    return operations.tryon(person, garments, cache)


def parse(
    person: bytes, parts: Sequence[str], *, cache: AnalysisCache | None = None
) -> list[Crop | None]:
    """Cut the worn "top", "bottom" or "dress" out of a photo; None for a part that is not worn.

    Raises Refusal.
    """
    from engine import operations

    return operations.parse(person, parts, cache)


def refine(coarse: bytes, person: bytes | None = None) -> Picture:
    """Denoise, relight and sharpen `coarse`. This refiner has no use for the person photo.

    Raises Refusal with the subject "coarse".
    """
    from engine import operations

    return operations.refine(coarse)


def close() -> None:
    """Close the mediapipe graphs and clear the caches of this process; the disk keeps its share."""
    clear_all()
    graphs = sys.modules.get("engine.mediapipe_graphs")
    if graphs is not None:
        graphs.close()
