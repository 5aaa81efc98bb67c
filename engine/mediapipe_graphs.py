"""The mediapipe graphs: made late, one set per process, used by one thread at a time.

Three facts rule this file (all measured with 0.10.21). A graph is not thread-safe, so every use
holds the lock. A graph alive in a process that forks hangs the child, so graphs are closed before
a fork. And even closed graphs leave threads and heap behind with which a graph made in the child
crashes or hangs; a child of a process that ever made one asks a fresh process instead, which
runs this module.
"""

from __future__ import annotations

import os
import threading
from typing import Any

import numpy as np

from engine.arrays import Arrays, Image
from engine.mediapipe_process import GraphProcess, serve

# Read before mediapipe is imported: its C++ side logs every graph otherwise.
os.environ.setdefault("GLOG_minloglevel", "2")

_lock = threading.RLock()
_made: dict[str, Any] = {}
_ever_made = False  # in this process
_inherited = False  # a parent of this process had made graphs
_process: GraphProcess | None = None  # runs the graphs where this process cannot


def run(name: str, rgb: Image) -> Arrays:
    """Run the graph "pose", "selfie" or "face" on an H×W×3 uint8 RGB image.

    Coordinates are shares of width and height. pose: `joints` 33×2, `seen` 33 and `mask` H×W, or
    nothing where no person is found; selfie: `mask` H×W; face: `faces` N×5 (x, y, width, height,
    score). Masks are float32 in 0..1.
    """
    global _ever_made, _process
    with _lock:
        if _inherited:
            _process = _process or GraphProcess(__name__)
            return _process.ask(name, rgb)
        _ever_made = True
        if name not in _made:
            _made[name] = _make(name)
        return _READ[name](_made[name].process(rgb))


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


def _read_pose(found: Any) -> Arrays:
    if found.pose_landmarks is None or found.segmentation_mask is None:
        return {}
    marks = found.pose_landmarks.landmark
    return {
        "joints": np.array([[mark.x, mark.y] for mark in marks]),
        "seen": np.array([mark.visibility for mark in marks]),
        "mask": np.array(found.segmentation_mask, np.float32),
    }


def _read_selfie(found: Any) -> Arrays:
    return {"mask": np.array(found.segmentation_mask, np.float32)}


def _read_face(found: Any) -> Arrays:
    rows = []
    for face in found.detections or []:
        box = face.location_data.relative_bounding_box
        rows.append([box.xmin, box.ymin, box.width, box.height, face.score[0]])
    return {"faces": np.array(rows, float).reshape(-1, 5)}


_READ = {"pose": _read_pose, "selfie": _read_selfie, "face": _read_face}


def close() -> None:
    """Close every graph and end the process that runs them; the next use makes them again."""
    global _process
    with _lock:
        for graph in _made.values():
            graph.close()
        _made.clear()
        if _process is not None:
            _process.close()
            _process = None


def _before_fork() -> None:
    # The lock stays held over the fork so that no other thread is inside a graph meanwhile.
    _lock.acquire()
    close()


def _after_fork_in_child() -> None:
    global _lock, _inherited
    _lock = threading.RLock()
    _inherited = _inherited or _ever_made


os.register_at_fork(
    before=_before_fork,
    after_in_parent=lambda: _lock.release(),
    after_in_child=_after_fork_in_child,
)

if __name__ == "__main__":
    serve(run)
