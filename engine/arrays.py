"""Names for the arrays that travel between stages; shapes are H×W, coordinates are (x, y) pixels.

Two frames of reference are used for people: pixels, and (u, v), where u is sideways in shoulder
widths (sw) from the mid-shoulder and v is downwards in torso heights (th) from the shoulders.
Side "A" is image left (the wearer's right), side "B" is image right.
"""

from __future__ import annotations

from typing import Any, Final, TypeAlias

from numpy.typing import NDArray

Image: TypeAlias = NDArray[Any]  # H×W×3 uint8, BGR as OpenCV has it
Field: TypeAlias = NDArray[Any]  # H×W float32
Mask: TypeAlias = NDArray[Any]  # H×W uint8 (0 or 1) or bool
Points: TypeAlias = NDArray[Any]  # N×2 float, (x, y)
Point: TypeAlias = NDArray[Any]  # (x, y)
Arrays: TypeAlias = dict[str, NDArray[Any]]  # by name, as in an .npz file

SIDES: Final = (("A", -1), ("B", 1))
