"""Where the limbs, the face and the trunk are, drawn from the joints alone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np

from engine.arrays import Mask, Point, Points
from engine.imaging.outlines import blank, ellipse, polygon, tube
from engine.person.pose import ANKLE, ELBOW, HIP, INDEX, KNEE, NOSE, SHOULDER, TOE, WRIST, Frame

# Radii at shoulder, elbow, wrist and hand in sw; at hip, knee and ankle likewise.
ARM_RADII_SW = (0.155, 0.125, 0.095, 0.12)
LEG_RADII_SW = (0.235, 0.155, 0.095)
LEAST_HEAD_SW = 0.3


@dataclass(frozen=True)
class Anatomy:
    """`joints` 33×2 and `seen` 33 in the pixels of `shape` (height, width)."""

    joints: Points
    seen: Points
    shape: tuple[int, int]

    @cached_property
    def frame(self) -> Frame:
        """The body's coordinates, from the joints."""
        return Frame.of(self.joints)

    @cached_property
    def arm_radii(self) -> tuple[float, ...]:
        """Pixels at shoulder, elbow, wrist, hand."""
        return tuple(radius * self.frame.sw for radius in ARM_RADII_SW)

    @cached_property
    def arms(self) -> dict[str, Points]:
        """Shoulder, elbow, wrist and finger tips of each side, 4×2."""
        return {side: self._arm(side) for side in "AB"}

    def _arm(self, side: str) -> Points:
        at = self.joints
        wrist = at[WRIST[side]]
        tips = wrist + (at[INDEX[side]] - wrist) * 1.5
        return np.array([at[SHOULDER[side]], at[ELBOW[side]], wrist, tips])

    @cached_property
    def legs(self) -> dict[str, Points]:
        """Hip, knee, ankle and toe of each side, 4×2."""
        chain = (HIP, KNEE, ANKLE, TOE)
        return {side: np.array([self.joints[part[side]] for part in chain]) for side in "AB"}

    @cached_property
    def hip_width(self) -> float:
        """Pixels between the hip joints, at least 0.4 shoulder widths."""
        gap = float(np.linalg.norm(self.joints[HIP["A"]] - self.joints[HIP["B"]]))
        return max(gap, 0.4 * self.frame.sw)

    # ------------------------------------------------------------------ head
    @cached_property
    def eyes(self) -> Point:
        """The point between the eyes, in pixels."""
        return (self.joints[2] + self.joints[5]) / 2

    @cached_property
    def mouth(self) -> Point:
        """The middle of the mouth, in pixels."""
        return (self.joints[9] + self.joints[10]) / 2

    @cached_property
    def head(self) -> Point:
        """The middle of the face, in pixels."""
        return (self.eyes + self.mouth) / 2

    @cached_property
    def ear_gap(self) -> float:
        """Pixels between the ears, at least LEAST_HEAD_SW."""
        gap = float(np.linalg.norm(self.joints[7] - self.joints[8]))
        return max(gap, LEAST_HEAD_SW * self.frame.sw)

    @cached_property
    def face(self) -> Mask:
        """The face as an ellipse; empty when the head is above the picture."""
        if self.mouth[1] <= 0:
            return blank(self.shape)
        tall = max(8.0, float(np.linalg.norm(self.mouth - self.eyes)) * 2.2)
        return ellipse(self.shape, self.head, self.ear_gap * 0.95, tall)

    @cached_property
    def cheeks(self) -> Mask:
        """Discs that show skin on nearly every face: nose, beside the nose, cheeks."""
        at = self.joints
        nose = at[NOSE]
        spots = [nose, (nose + at[9]) / 2, (nose + at[10]) / 2]
        spots += [at[7] * 0.3 + at[9] * 0.7, at[8] * 0.3 + at[10] * 0.7]
        mask = blank(self.shape)
        for spot in np.array(spots).astype(int).tolist():
            cv2.circle(mask, spot, max(4, int(self.ear_gap * 0.13)), [1], -1)
        return mask

    # ------------------------------------------------------------------ arms
    def _arm_tube(self, first: int, last: int, widen: tuple[float, ...]) -> Mask:
        radii = [self.arm_radii[first + i] * wide for i, wide in enumerate(widen)]
        mask = blank(self.shape)
        for arm in self.arms.values():
            mask |= tube(self.shape, list(arm[first : last + 1]), radii)
        return mask

    @cached_property
    def wide_arms(self) -> Mask:
        """Generous tubes around the arms, down to the finger tips."""
        return self._arm_tube(0, 3, (1.25, 1.35, 1.4, 1.1))

    @cached_property
    def arms_to_wrist(self) -> Mask:
        """Tubes around the arms, down to the wrists."""
        return self._arm_tube(0, 2, (1.1, 1.2, 1.2))

    @cached_property
    def thin_arms(self) -> Mask:
        """Narrow tubes inside the arms, down to the wrists."""
        return self._arm_tube(0, 2, (0.8, 0.9, 1.0))

    @cached_property
    def forearms(self) -> Mask:
        """Tubes from the elbows to the finger tips."""
        return self._arm_tube(1, 3, (1.0, 1.2, 1.1))

    @cached_property
    def hands(self) -> Mask:
        """Tubes from the wrists to the finger tips."""
        return self._arm_tube(2, 3, (0.9, 0.9))

    # ----------------------------------------------------------------- trunk
    def _on_torso(self, u: float, v: float) -> Point:
        """u 0..1 from side A to side B, v 0..1 from the shoulders to the hips."""
        at = self.joints
        top = at[SHOULDER["A"]] * (1 - u) + at[SHOULDER["B"]] * u
        low = at[HIP["A"]] * (1 - u) + at[HIP["B"]] * u
        return top * (1 - v) + low * v

    @cached_property
    def chest(self) -> Mask:
        """A quadrilateral inside the chest."""
        corners = ((0.1, 0.22), (0.9, 0.22), (0.9, 0.55), (0.1, 0.55))
        return polygon(self.shape, [self._on_torso(u, v) for u, v in corners])

    def hip_band(self, above_th: float, below_th: float) -> Mask:
        """Return a band between the hip joints, `above_th` above to `below_th` below them."""
        left, right = self.joints[HIP["A"]], self.joints[HIP["B"]]
        rise, fall = (self.frame.up * (t * self.frame.th) for t in (above_th, below_th))
        return polygon(self.shape, [left + rise, right + rise, right - fall, left - fall])

    @cached_property
    def pelvis(self) -> Mask:
        """A quadrilateral from above the hip joints to the upper thighs."""
        legs, rise = self.legs, self.frame.up * (0.03 * self.frame.th)
        low = [leg[0] * 0.8 + leg[1] * 0.2 for leg in (legs["B"], legs["A"])]
        corners = [legs["A"][0] + rise, legs["B"][0] + rise, *low]
        return polygon(self.shape, corners)

    @cached_property
    def thighs(self) -> Mask:
        """Pelvis and upper thighs, where the bottom's colours are learned."""
        mask = self.hip_band(0, 0.3)
        radii = (self.hip_width * 0.3, self.hip_width * 0.25)
        for hip, knee, _, _ in self.legs.values():
            ends = [hip * 0.85 + knee * 0.15, hip * 0.5 + knee * 0.5]
            mask |= tube(self.shape, ends, radii)
        return mask

    @cached_property
    def neck(self) -> Mask:
        """A quadrilateral from the jaw to the shoulders."""
        frame = self.frame
        jaw = frame.right * (0.30 * self.ear_gap)
        base = frame.right * (0.24 * frame.sw)
        foot = frame.shoulders - frame.up * (0.02 * frame.th)
        corners = [self.head - jaw, self.head + jaw, foot + base, foot - base]
        return polygon(self.shape, corners)
