"""Analyse the drawings once; skip loudly where the engine's packages are missing."""

from __future__ import annotations

import pytest

cv2 = pytest.importorskip("cv2", reason="requirements-engine.txt is not installed: no OpenCV")
pytest.importorskip("mediapipe", reason="requirements-engine.txt is not installed: no mediapipe")

import engine  # noqa: E402
from engine.garment import garment_analysis  # noqa: E402
from engine.person import person_analysis  # noqa: E402
from tests.engine import drawn  # noqa: E402


@pytest.fixture(autouse=True)
def _own_files():
    """The engine knows no settings; this stands in for the project's fixture."""


@pytest.fixture(scope="session")
def wearer():
    return person_analysis.analyse(drawn.opened(drawn.photo("mannequin")))


@pytest.fixture(scope="session")
def clothes():
    slots = {"tee": "top", "trousers": "bottom", "shorts": "bottom", "skirt": "bottom"}
    slots["frock"] = "dress"
    return {
        name: garment_analysis.analyse(drawn.opened(drawn.photo(name)), slot)
        for name, slot in slots.items()
    }


@pytest.fixture(scope="session")
def dressed():
    """The mannequin in the tee."""
    return engine.tryon(drawn.photo("mannequin"), {"top": drawn.photo("tee")})
