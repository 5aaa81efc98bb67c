"""One half of the mannequin's body, limb by limb.

Units: the body is 1.0 tall, x to the image right, y up, z to the camera.
"""

import numpy as np

from demo.render.fields import Group, Keys, Tube, Vector, ellipsoid
from demo.render.looks import Look

# (height, half width, half depth, shift to the front) of the trunk.
WOMAN = (
    (0.445, 0.045, 0.045, 0),
    (0.475, 0.084, 0.060, -0.004),
    (0.515, 0.0975, 0.064, -0.006),
    (0.55, 0.095, 0.062, -0.004),
    (0.59, 0.082, 0.055, 0),
    (0.63, 0.0685, 0.048, 0.002),
    (0.66, 0.0700, 0.049, 0.002),
    (0.70, 0.0765, 0.053, 0),
    (0.735, 0.0805, 0.054, -0.002),
    (0.765, 0.081, 0.050, -0.005),
    (0.788, 0.076, 0.042, -0.009),
    (0.806, 0.056, 0.034, -0.011),
    (0.824, 0.036, 0.028, -0.011),
    (0.850, 0.026, 0.026, -0.009),
)
MAN = (
    (0.445, 0.045, 0.045, 0),
    (0.475, 0.082, 0.058, -0.004),
    (0.515, 0.0915, 0.062, -0.005),
    (0.55, 0.0895, 0.060, -0.002),
    (0.59, 0.084, 0.056, 0.002),
    (0.63, 0.0815, 0.054, 0.003),
    (0.66, 0.084, 0.055, 0.002),
    (0.70, 0.0925, 0.058, 0),
    (0.74, 0.099, 0.060, -0.002),
    (0.77, 0.100, 0.057, -0.005),
    (0.792, 0.092, 0.046, -0.009),
    (0.811, 0.068, 0.037, -0.012),
    (0.829, 0.042, 0.032, -0.012),
    (0.852, 0.031, 0.030, -0.010),
)
HIP = np.array([0.0495, 0.495, -0.004])
KNEE = np.array([0.0575, 0.283, 0.004])
ANKLE = np.array([0.0655, 0.048, -0.016])


def scaled(keys: Keys, by: float) -> Keys:
    return [(t, value * by) for t, value in keys]


def shoulder(look: Look) -> Vector:
    return np.array([(0.115 if look.male else 0.095) * look.wide, 0.780, -0.010])


def _trunk(look: Look) -> Tube:
    rows = MAN if look.male else WOMAN
    y0, y1 = rows[0][0], rows[-1][0]
    at = [(row[0] - y0) / (y1 - y0) for row in rows]
    width, depth, front = ([(t, r[k]) for t, r in zip(at, rows, strict=True)] for k in (1, 2, 3))
    ends = np.array([0, y0, 0]), np.array([0, y1, 0])
    return Tube(*ends, scaled(width, look.wide), depth, shift_z=front, cap=0.02)


def torso(look: Look) -> Group:
    """Trunk, chest, the slope of the shoulder, neck and collar bone."""
    if look.male:
        chest = ellipsoid(np.array([0.047, 0.742, 0.038]), (0.046, 0.034, 0.024))
    else:
        chest = ellipsoid(np.array([0.043, 0.712, 0.040]), (0.036, 0.036, 0.034))
    n, x = (0.0315 if look.male else 0.0250), shoulder(look)[0]
    neck = Tube(
        np.array([0, 0.80, -0.016]),
        np.array([0, 0.895, -0.001]),
        [(0, n * 1.12), (0.45, n), (1, n)],
        [(0, n * 1.15), (1, n)],
    )
    slope_keys, bone_keys = [(0, 0.012), (0.5, 0.013), (1, 0.014)], [(0, 0.0042), (1, 0.0025)]
    slope = Tube(np.array([0.016, 0.838, -0.016]), np.array([x * 0.97, 0.796, -0.010]), slope_keys)
    bone = Tube(np.array([0.010, 0.806, 0.019]), np.array([x * 0.80, 0.806, 0.002]), bone_keys)
    return Group((_trunk(look), 0), (chest, 0.030), (slope, 0.024), (neck, 0.018), (bone, 0.018))


def _elbow_and_wrist(look: Look) -> tuple[Vector, Vector]:
    upper, lower = np.radians(look.arms)
    elbow = shoulder(look) + 0.166 * np.array([np.sin(upper), -np.cos(upper), -0.05])
    return elbow, elbow + 0.140 * np.array([np.sin(lower), -np.cos(lower), 0.13])


def arm(look: Look) -> Group:
    """An A-pose: arms clear of the trunk, or the parser takes them for sleeves."""
    m = 1.08 if look.male else 0.85
    elbow, wrist = _elbow_and_wrist(look)
    upper = Tube(
        shoulder(look),
        elbow,
        scaled([(0, 0.0255), (0.18, 0.0285), (0.42, 0.0255), (0.7, 0.0225), (1, 0.0205)], m),
        scaled([(0, 0.027), (0.3, 0.0285), (0.6, 0.026), (1, 0.021)], m),
    )
    lower = Tube(
        elbow,
        wrist,
        scaled([(0, 0.0205), (0.2, 0.0225), (0.45, 0.0205), (0.8, 0.0150), (1, 0.0138)], m),
        scaled([(0, 0.0205), (0.25, 0.022), (0.8, 0.0140), (1, 0.0115)], m),
    )
    return Group((upper, 0), (lower, 0.012))


def hand(look: Look) -> Group:
    """Palm to the thigh and half turned, four fingers and a thumb."""
    m, wrist = (1.08 if look.male else 0.95), _elbow_and_wrist(look)[1]
    lower = np.radians(look.arms[1])
    along = np.array([np.sin(lower * 0.55), -np.cos(lower * 0.55), 0.16])
    along /= np.linalg.norm(along)
    across = np.array([0.52, 0.10, 0.82])
    across -= along * (across @ along)
    across /= np.linalg.norm(across)
    knuckles = wrist + along * 0.047
    width = scaled([(0, 0.0125), (0.5, 0.0150), (1, 0.0150)], m)
    depth = scaled([(0, 0.0115), (0.6, 0.0140), (1, 0.0125)], m)
    palm = Tube(wrist + along * 0.004, knuckles, width, depth)
    fingers = _fingers(knuckles, along, across, m)
    return Group((palm, 0), *fingers, *_thumb(wrist, along, across, m))


def _fingers(knuckles: Vector, along: Vector, across: Vector, m: float) -> list[tuple[Tube, float]]:
    curl, parts = np.array([-0.30, -0.02, 0.10]), []
    lengths = ((0.0135, 0.040), (0.0048, 0.045), (-0.0042, 0.042), (-0.0125, 0.034))
    for n, (offset, length) in enumerate(lengths):
        base = knuckles + across * offset * m - along * 0.004
        middle = base + (along + curl * 0.35) * length * 0.55 * m
        tip = middle + (along + curl * (1.0 + 0.25 * n)) * length * 0.5 * m
        parts.append((Tube(base, middle, scaled([(0, 0.0054), (1, 0.0049)], m)), 0.0045))
        parts.append((Tube(middle, tip, scaled([(0, 0.0049), (1, 0.0040)], m)), 0.003))
    return parts


def _thumb(wrist: Vector, along: Vector, across: Vector, m: float) -> list[tuple[Tube, float]]:
    root = wrist + along * 0.012 + across * 0.012
    joint = root + along * 0.022 + across * 0.013 - np.array([0.004, 0, 0])
    tip = joint + along * 0.021 + across * 0.001
    ball = Tube(root, joint, scaled([(0, 0.0075), (1, 0.0060)], m))
    return [(ball, 0.008), (Tube(joint, tip, scaled([(0, 0.0058), (1, 0.0043)], m)), 0.004)]


THIGH_WIDTH = (
    (0, 0.048),
    (0.18, 0.0485),
    (0.45, 0.0425),
    (0.75, 0.0325),
    (0.92, 0.0270),
    (1, 0.0250),
)
SHIN_WIDTH = (
    (0, 0.0250),
    (0.10, 0.0248),
    (0.28, 0.0285),
    (0.42, 0.0268),
    (0.7, 0.0180),
    (0.88, 0.0142),
    (1, 0.0150),
)


def leg(look: Look) -> Group:
    m = 1.03 if look.male else 1.0
    thigh = Tube(
        HIP,
        KNEE,
        scaled(THIGH_WIDTH, m),
        scaled([(0, 0.056), (0.3, 0.053), (0.7, 0.039), (1, 0.0300)], m),
        shift_z=[(0, 0), (0.5, 0.006), (1, 0)],
    )
    shin = Tube(
        KNEE,
        ANKLE,
        scaled(SHIN_WIDTH, m),
        scaled([(0, 0.0295), (0.3, 0.036), (0.7, 0.022), (1, 0.019)], m),
        shift_x=[(0, 0), (0.3, 0.003), (0.8, 0), (1, 0)],
        shift_z=[(0, 0.003), (0.3, -0.010), (1, 0)],
    )
    cap = ellipsoid(KNEE + np.array([-0.001, 0.004, 0.017]), (0.010, 0.015, 0.011))
    return Group((thigh, 0), (shin, 0.006), (cap, 0.018))


def shoe(look: Look) -> Group:
    m = 1.03 if look.male else 1.0
    toe, heel = np.array([0.078, 0.011, 0.085]), np.array([0.066, 0.014, -0.036])
    upper = Tube(
        heel,
        toe,
        scaled([(0, 0.0215), (0.4, 0.0245), (0.72, 0.0285), (0.9, 0.0265), (1, 0.0225)], m),
        scaled([(0, 0.036), (0.5, 0.031), (0.8, 0.0235), (1, 0.0190)], m),
        cap=0.024,
    )
    collar = Tube(
        ANKLE + np.array([0, 0.006, 0.002]),
        ANKLE + np.array([0.002, -0.046, 0.008]),
        scaled([(0, 0.0200), (0.7, 0.0245), (1, 0.025)], m),
        scaled([(0, 0.0235), (0.7, 0.035), (1, 0.036)], m),
        cap=0.004,
    )
    sole = Tube(
        heel - np.array([0, 0.006, 0.004]),
        toe - np.array([0, 0.003, -0.004]),
        scaled([(0, 0.0215), (0.4, 0.0240), (0.72, 0.0290), (0.9, 0.0272), (1, 0.0235)], m),
        [(0, 0.010), (1, 0.009)],
        cap=0.024,
    )
    return Group((upper, 0), (collar, 0.030), (sole, 0.003))
