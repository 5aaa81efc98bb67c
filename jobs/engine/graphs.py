"""The mediapipe graphs: made late, one set per process, used by one thread at a time.

Two facts rule this file (both measured, see docs): a graph alive in a process that forks hangs
the child for ever, and graphs are not thread-safe. So they are made at the first use, closed
before a fork, remade after it, and every use holds the lock.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

from .arrays import Image

# Read before mediapipe is imported: its C++ side logs every graph otherwise.
os.environ.setdefault("GLOG_minloglevel", "2")

MODELS = (
    "pose_detection/pose_detection.tflite",
    "pose_landmark/pose_landmark_full.tflite",
    "selfie_segmentation/selfie_segmentation.tflite",
    "face_detection/face_detection_full_range_sparse.tflite",
)

_lock = threading.RLock()
_made: dict[str, Any] = {}


def missing_models() -> list[str]:
    """The model files that this mediapipe wheel lacks (wheels after 0.10.21 carry none)."""
    import mediapipe

    folder = Path(mediapipe.__file__).parent / "modules"
    return [name for name in MODELS if not (folder / name).is_file()]


def _make(name: str) -> Any:
    from mediapipe.python.solutions import face_detection, pose, selfie_segmentation

    if name == "pose":
        # Complexity 0 and 2 are not in the wheel and would be downloaded.
        return pose.Pose(
            static_image_mode=True,
            model_complexity=1,
            enable_segmentation=True,
            min_detection_confidence=0.4,
        )
    if name == "selfie":
        return selfie_segmentation.SelfieSegmentation(model_selection=0)
    return face_detection.FaceDetection(model_selection=1, min_detection_confidence=0.5)


def run(name: str, rgb: Image) -> Any:
    """Run the graph "pose", "selfie" or "face" on an H×W×3 uint8 RGB image."""
    with _lock:
        if name not in _made:
            _made[name] = _make(name)
        return _made[name].process(rgb)


def close() -> None:
    """Close every graph; the next use makes them again."""
    with _lock:
        for graph in _made.values():
            graph.close()
        _made.clear()


def _before_fork() -> None:
    # The lock stays held over the fork so that no other thread is inside a graph meanwhile.
    _lock.acquire()
    close()


def _after_fork_in_child() -> None:
    global _lock
    _lock = threading.RLock()


os.register_at_fork(
    before=_before_fork,
    after_in_parent=lambda: _lock.release(),
    after_in_child=_after_fork_in_child,
)
