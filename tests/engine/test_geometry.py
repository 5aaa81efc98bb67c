"""Shapes, landmarks and warps, on drawings and made-up points."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from engine.compositing import dress
from engine.compositing import place_bottom as bottoms
from engine.compositing import place_top as tops
from engine.garment import landmarks_top, neckline
from engine.garment.garment_types import Garment
from engine.imaging import filters, outlines
from engine.imaging.warp import Pins, bend, spline
from engine.person import body
from engine.person.parsing import BOTTOM, SHOE, SKIN, TOP
from engine.person.pose import Frame
from tests.engine.test_refusals import standing


def test_it_works():
    frame = Frame.of(standing(sw=150, th=250)[0])
    assert frame.at(0.5, 1.0) == pytest.approx([384 + 75, 450])
    u, v = frame.fields((1024, 768))
    assert (u[450, 459], v[450, 459]) == pytest.approx((0.5, 1.0), abs=0.01)


def test_the_frame_leans_with_the_body():
    joints = standing()[0]
    joints[[23, 24], 0] += 100
    frame = Frame.of(joints)
    assert frame.up @ frame.right == pytest.approx(0)
    assert frame.at(0, 1) == pytest.approx(frame.hips)
    assert frame.right[0] > 0


def test_a_tube_has_its_radii():
    mask = outlines.tube((100, 200), [np.array([30.0, 50.0]), np.array([170.0, 50.0])], (20, 10))
    assert mask[:, 30].sum() == pytest.approx(40, abs=3)
    assert mask[:, 100].sum() == pytest.approx(30, abs=3)
    assert not mask[:, 5].any()


def test_runs_of_a_row():
    row = np.array([0, 1, 1, 0, 1, 0, 0, 1], np.uint8)
    assert outlines.runs(row) == [(1, 2), (4, 4), (7, 7)]
    assert outlines.run_at(row, 5.4) == (4, 4)
    assert outlines.run_at(np.zeros(4, np.uint8), 2) is None


def test_a_spline_meets_its_points_and_keeps_straight_lines():
    targets = np.array([[0, 0], [100, 0], [0, 100], [100, 100], [50, 50]], float)
    sources = targets * 2 + 7
    to_source = spline(targets, sources, 1e-6)
    assert to_source(targets) == pytest.approx(sources, abs=0.1)
    assert to_source(np.array([[30.0, 80.0]])) == pytest.approx(np.array([[67, 167]]), abs=0.1)


def pinned(pairs):
    pins = Pins()
    for target, source in pairs:
        pins.add(np.array(target, float), np.array(source, float))
    return pins


def test_bending_moves_cloth_to_its_pins():
    cloth = np.zeros((100, 100, 4), np.float32)
    cloth[20:80, 20:80] = (10, 20, 30, 1)
    corners = [(20, 20), (80, 20), (20, 80), (80, 80)]
    layer = bend(
        "x", cloth, pinned([((x + 200, y * 2), (x, y)) for x, y in corners]), (300, 400), 8, 1e-3
    )
    solid = layer.alpha > 0.5
    x, y, width, height = cv2.boundingRect(solid.astype(np.uint8))
    assert (layer.x + x, layer.y + y) == pytest.approx((220, 40), abs=2)
    assert (width, height) == pytest.approx((60, 120), abs=3)
    assert not layer.folded
    assert np.isfinite(layer.rgba).all()


def test_a_fold_is_noticed():
    cloth = np.ones((100, 100, 4), np.float32)
    grid = [(x, y) for x in (10, 50, 90) for y in (10, 50, 90)]
    crossed = {10: 10, 50: 90, 90: 50}
    layer = bend(
        "x", cloth, pinned([((x, y), (crossed[x], y)) for x, y in grid]), (120, 120), 5, 1e-4
    )
    assert layer.folded


def test_push_pull_leaves_known_pixels():
    image = np.zeros((64, 64, 3), np.float32)
    image[:, 32:] = 200
    known = np.ones((64, 64), np.float32)
    known[20:40, 20:44] = 0
    filled_in = filters.push_pull(image, known)
    assert np.abs(filled_in - image)[known > 0].max() < 1e-3
    assert 20 < filled_in[30, 32].mean() < 180


def test_a_wide_blur_is_like_the_exact_one():
    mask = np.zeros((256, 256), np.float32)
    mask[100:160, 60:200] = 1
    exact = cv2.GaussianBlur(mask, (0, 0), 24)
    assert np.abs(filters.soften(mask, 24) - exact).max() < 0.02


# -------------------------------------------------------------------- clothes
def test_landmarks_of_a_tee(clothes):
    tee = clothes["tee"]
    assert tee.sleeved
    assert tee.chest == pytest.approx(360, abs=25)
    hem, pit = tee.middle("hem"), tee.middle("armpit")
    assert hem[1] - pit[1] == pytest.approx(440, abs=25)
    neck = tee.pair("neck")
    assert neck[1][0] - neck[0][0] == pytest.approx(180, abs=40)


def test_the_inside_of_the_back_is_cut_away(clothes):
    tee = clothes["tee"]
    x, y = int(tee.axis), int(tee.middle("neck")[1])
    assert tee.alpha[y + 30, x] == 0
    assert tee.alpha[y + 90, x] == 255
    assert tee.mask[y + 30, x] == 1


def test_shapes_of_bottoms(clothes):
    found = {name: clothes[name].shape for name in ("trousers", "shorts", "skirt")}
    assert found == {name: name for name in found}
    assert "crotch" in clothes["trousers"].points
    assert "hemA" in clothes["skirt"].points


def test_a_sleeveless_dress(clothes):
    frock = clothes["frock"]
    assert not frock.sleeved
    assert frock.chest == pytest.approx(230, abs=30)


def test_a_block_without_a_trunk_is_refused():
    from engine import Refusal

    mask = np.zeros((400, 700), np.uint8)
    mask[180:200, 50:650] = 1
    contour = outlines.outline(mask)
    blank = np.zeros((400, 700, 3), np.uint8)
    flat = Garment("top", blank, mask * 255, outlines.polygon(mask.shape, contour), contour, 50.0)
    with pytest.raises(Refusal, match="trunk"):
        landmarks_top.find_landmarks(flat)


def test_the_curve_that_is_found_is_the_one_that_was_drawn(clothes):
    curve = neckline.find_curve(clothes["tee"])
    assert curve is not None
    assert 40 < curve.depth < 85


def test_one_armpit_or_a_cut_off_sleeve_is_unclear(clothes):
    frock = clothes["frock"]
    assert "sleeve_unclear" not in frock.warnings
    blank = np.zeros((*frock.mask.shape, 3), np.uint8)
    cropped = Garment(
        "dress", blank, frock.mask * 255, frock.mask, frock.contour, 50.0, cut_off=True
    )
    landmarks_top.find_landmarks(cropped)
    assert "sleeve_unclear" in cropped.warnings


# --------------------------------------------------------------------- person
def test_labels_of_the_mannequin(wearer):
    x, y = wearer.box[:2]

    def label(px, py):
        return wearer.labels[py - y, px - x]

    assert label(384, 350) == TOP
    assert label(335, 700) == BOTTOM
    assert label(384, 135) == SKIN
    assert label(450, 950) == SHOE
    assert label(x + 3, 300) == -1


def test_the_body_is_about_symmetrical(wearer):
    found = wearer.body
    for v in (0.4, 0.8, 1.1):
        assert found.half("A", v) == pytest.approx(found.half("B", v), abs=0.06)
    assert found.tip["A"][0] < found.neck["A"][0] < found.neck["B"][0] < found.tip["B"][0]
    assert found.armpit["A"][1] > found.tip["A"][1]


def test_the_arms_are_as_thick_as_they_were_drawn(wearer):
    for side in "AB":
        points = body.limb_points(wearer.anatomy.arms[side])
        assert len(points) == len(wearer.body.arm[side]) == 18
        # Drawn with a radius of 26 at the elbow and 19 at the wrist.
        assert wearer.body.arm[side][11] == pytest.approx(24, abs=5)
        assert (np.diff(wearer.body.arm[side])[2:-2] < 1).all()


def test_the_tee_ends_between_waist_and_thigh(wearer, clothes):
    place = tops.plan(wearer, clothes["tee"])
    assert 0.88 <= place.reach[1] <= 1.45
    assert 0.1 < place.reach[0] < 0.6


@pytest.mark.parametrize(("name", "low", "high"), [("trousers", 840, 960), ("shorts", 640, 800)])
def test_where_legs_end(wearer, clothes, name, low, high):
    layers = bottoms.layers(wearer, clothes[name])
    ends = [layer.y + np.flatnonzero((layer.alpha > 0.5).any(1)).max() for layer in layers]
    assert all(low < end + wearer.box[1] < high for end in ends)


def test_a_skirt_is_one_piece_that_widens(wearer, clothes):
    (layer,) = bottoms.layers(wearer, clothes["skirt"])
    rows = np.flatnonzero((layer.alpha > 0.5).any(1))
    wide = (layer.alpha > 0.5).sum(1)
    assert wide[rows[-20]] > 1.5 * wide[rows[10]]


@pytest.mark.parametrize("names", [("tee",), ("frock",), ("tee", "skirt"), ("shorts",)])
def test_every_outfit_covers_and_stays_finite(wearer, clothes, names):
    outfit = {clothes[name].slot: clothes[name] for name in names}
    result, warnings = dress.dress(wearer, outfit)
    assert np.isfinite(result).all()
    assert result.shape == wearer.image.shape
    changed = (np.abs(result - wearer.image).max(2) > 20).mean()
    assert 0.05 < changed < 0.6
    assert set(warnings) <= {"warp_folded", "neckline_uncertain"}


def test_dressing_leaves_the_person_as_it_was(wearer, clothes):
    before = wearer.photo.copy(), wearer.labels.copy(), clothes["tee"].image.copy()
    dress.dress(wearer, {"top": clothes["tee"]})
    after = wearer.photo, wearer.labels, clothes["tee"].image
    assert all((a == b).all() for a, b in zip(before, after, strict=True))
