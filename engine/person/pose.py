"""Find the one person: joints, frame of reference, and whether we can work with the pose."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np

from engine import mediapipe_graphs
from engine.arrays import Field, Image, Mask, Point, Points
from engine.errors import Refusal

# mediapipe's numbers of the joints; side A is image left, which is the person's right.
NOSE = 0
SHOULDER = {"A": 12, "B": 11}
ELBOW = {"A": 14, "B": 13}
WRIST = {"A": 16, "B": 15}
INDEX = {"A": 20, "B": 19}
HIP = {"A": 24, "B": 23}
KNEE = {"A": 26, "B": 25}
ANKLE = {"A": 28, "B": 27}
TOE = {"A": 32, "B": 31}
# Every left/right pair, for when the detector confuses the sides.
PAIRS = [(1, 4), (2, 5), (3, 6), (7, 8), (9, 10), *((i, i + 1) for i in range(11, 33, 2))]

LEAST_SEEN = 0.5
LEAST_KNEE_SEEN = 0.3
LEAST_THIGH_TH = 0.5  # of leg below the hips for a bottom that runs out of the picture
LEAST_TORSO = 0.1  # of the picture's height
SOFTER_PX = 1.0
SIDE_VIEW_SW_PER_TH = 0.32
MOST_EXTRA = 0.25  # people pixels outside the found person, per pixel of the found person


@dataclass(frozen=True)
class Frame:
    """The body's coordinates: `at(u, v)` and `fields` convert; lengths in pixels."""

    shoulders: Point  # mid-shoulder
    hips: Point  # mid-hip
    sw: float  # shoulder width
    th: float  # torso height
    up: Point  # unit vector from hips to shoulders
    right: Point  # unit vector to image right, across `up`

    @classmethod
    def of(cls, joints: Points) -> Frame:
        """Return the frame of 33×2 joints in pixels."""
        shoulders = (joints[11] + joints[12]) / 2
        hips = (joints[23] + joints[24]) / 2
        sw = float(np.linalg.norm(joints[11] - joints[12]))
        th = float(np.linalg.norm(hips - shoulders))
        up = (shoulders - hips) / max(th, 1.0)
        right = np.array([-up[1], up[0]])
        return cls(shoulders, hips, sw, th, up, right if right[0] >= 0 else -right)

    def at(self, u: float, v: float) -> Point:
        """Return the pixel position of (u, v)."""
        return self.shoulders + self.right * (u * self.sw) - self.up * (v * self.th)

    def across(self, point: Point) -> float:
        """Signed pixels to image right of the body's axis."""
        return float((point - self.shoulders) @ self.right)

    def below(self, point: Point) -> float:
        """Return the pixels below the shoulders along the body's axis."""
        return float((self.shoulders - point) @ self.up)

    def fields(self, shape: tuple[int, int]) -> tuple[Field, Field]:
        """u and v of every pixel, H×W float32 each."""
        return (
            _linear(shape, self.right / self.sw, self.shoulders),
            _linear(shape, -self.up / self.th, self.shoulders),
        )


def _linear(shape: tuple[int, int], slope: Point, origin: Point) -> Field:
    y = ((np.arange(shape[0]) - origin[1]) * slope[1]).astype(np.float32)
    x = ((np.arange(shape[1]) - origin[0]) * slope[0]).astype(np.float32)
    return y[:, None] + x[None]


@dataclass(frozen=True)
class Pose:
    """`joints` 33×2 float64 pixels, `seen` 33 visibilities 0..1, and mediapipe's two mattes."""

    joints: Points
    seen: Points
    pose_mask: Field
    selfie_mask: Field

    def moved(self, dx: float, dy: float) -> Points:
        """Return the joints moved by (dx, dy) pixels."""
        return self.joints + np.array([dx, dy])


def find(image: Image) -> Pose:
    """Find the pose of the one person in an H×W×3 uint8 BGR image.

    Raises Refusal: no_person, person_too_small, not_frontal, body_not_visible, several_persons.
    """
    try:
        return _find(image)
    except Refusal as refusal:
        if refusal.code != "not_frontal":
            raise
    # Noise of the compression can turn a body without a head: a softer picture decides.
    return _find(cv2.GaussianBlur(image, (0, 0), SOFTER_PX))


def _find(image: Image) -> Pose:
    rgb = np.ascontiguousarray(image[..., ::-1])
    height, width = image.shape[:2]
    found = mediapipe_graphs.run("pose", rgb)
    if not found:
        raise Refusal(
            "no_person",
            "No person was found in the photo: use one of a single, upright, well lit person.",
        )
    faces = face_boxes(rgb)
    joints = found["joints"] * (width, height)
    joints, seen = check_posture(joints, found["seen"], len(faces), height)
    selfie = cv2.resize(mediapipe_graphs.run("selfie", rgb)["mask"], (width, height))
    pose = Pose(joints, seen, cv2.resize(found["mask"], (width, height)), selfie)
    check_alone(pose, faces)
    return pose


def face_boxes(rgb: Image) -> Points:
    """Return faces as N×5: x, y, width, height in pixels and the score."""
    height, width = rgb.shape[:2]
    boxes: Points = mediapipe_graphs.run("face", rgb)["faces"] * (width, height, width, height, 1)
    return boxes


def check_posture(joints: Points, seen: Points, faces: int, height: int) -> tuple[Points, Points]:
    """Refuse what cannot be dressed; return the joints with their sides set right."""
    worst = float(seen[[11, 12, 23, 24]].min())
    top = float((joints[11, 1] + joints[12, 1]) / 2)
    if worst < LEAST_SEEN or top < -5:
        raise Refusal(
            "body_not_visible",
            "Both shoulders and both hips must be in the photo and uncovered "
            f"(visibility {worst:.2f}, at least {LEAST_SEEN}): use a photo down to the thighs.",
        )
    frame = Frame.of(joints)
    if frame.th < LEAST_TORSO * height:
        raise Refusal(
            "person_too_small",
            f"The torso fills {frame.th / height:.0%} of the photo's height, at least "
            f"{LEAST_TORSO:.0%} is needed: crop the photo closer to the person.",
        )
    if joints[11, 0] < joints[12, 0]:
        joints, seen = _right_sides(joints, seen, faces, height)
    if frame.sw < SIDE_VIEW_SW_PER_TH * frame.th:
        raise Refusal(
            "not_frontal",
            f"The shoulders are {frame.sw / frame.th:.2f} torso heights apart, at least "
            f"{SIDE_VIEW_SW_PER_TH} is needed: use a photo taken from the front.",
        )
    return joints, seen


def _right_sides(joints: Points, seen: Points, faces: int, height: int) -> tuple[Points, Points]:
    """Swap left and right where the head is cropped (the detector guesses then), else refuse."""
    if faces or joints[NOSE, 1] > 0.03 * height:
        raise Refusal(
            "not_frontal",
            "The person is seen from behind or upside down: use an upright photo from the front.",
        )
    order = np.arange(33)
    for left, right in PAIRS:
        order[[left, right]] = right, left
    return joints[order], seen[order]


def check_alone(pose: Pose, faces: Points) -> None:
    """Raise Refusal `several_persons` for a second face or a second silhouette."""
    count = int(_faces_of_people(pose.joints, faces).sum())
    beyond = cv2.dilate((pose.pose_mask > 0.3).astype(np.uint8), np.ones((25, 25), np.uint8)) == 0
    extra = ((pose.selfie_mask > 0.6) & beyond).sum() / max(1, (pose.pose_mask > 0.5).sum())
    if count > 1 or extra > MOST_EXTRA:
        raise Refusal(
            "several_persons",
            f"One person is dressed at a time, but {max(count, 2)} were found: "
            "crop the photo to one of them.",
        )


def _faces_of_people(joints: Points, faces: Points) -> Mask:
    """Which faces are people's: a face on the chest is a print."""
    frame = Frame.of(joints)
    centres = faces[:, :2] + faces[:, 2:4] / 2
    u = (centres - frame.shoulders) @ frame.right / frame.sw
    v = (centres - frame.shoulders) @ -frame.up / frame.th
    return ~((np.abs(u) < 0.5) & (v > 0.1) & (v < 1.1))


def check_lower_body(joints: Points, seen: Points, height: int, slot: str) -> None:
    """Raise Refusal `lower_body_not_visible` where a bottom or dress would have no legs.

    A dress needs the knees; a bottom may run out of the picture below the thighs.
    """
    knees = [KNEE["A"], KNEE["B"]]
    if joints[knees, 1].max() <= height and seen[knees].min() >= LEAST_KNEE_SEEN:
        return
    frame = Frame.of(joints)
    thigh = (height - float(frame.hips[1])) / max(frame.th, 1.0)
    if slot == "bottom" and thigh >= LEAST_THIGH_TH:
        return
    raise Refusal(
        "lower_body_not_visible",
        f"A {slot} needs the legs in the photo, down to the knees, but it ends "
        f"{max(0.0, thigh):.1f} torso heights below the hips: use a full-length photo.",
    )
