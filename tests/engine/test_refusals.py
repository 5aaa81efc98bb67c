"""Every reason to refuse, each with the photo it is about."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

import engine
from engine.compositing import dress
from engine.garment import worn_check
from engine.person import pose
from tests.engine import drawn


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return engine.AnalysisCache(tmp_path_factory.mktemp("memory"))


@pytest.fixture
def refused(cache):
    def ask(person, garments):
        with pytest.raises(engine.Refusal) as caught:
            engine.tryon(person, garments, cache=cache)
        assert caught.value.message.endswith(".")
        return caught.value.subject, caught.value.code

    return ask


def top():
    return {"top": drawn.photo("tee")}


def mannequin():
    return drawn.opened(drawn.photo("mannequin"))


def noise():
    return np.random.RandomState(0).randint(0, 255, (1024, 768, 3)).astype(np.uint8)


@pytest.mark.parametrize("data", [b"", b"no image", drawn.photo("mannequin")[:100]])
def test_unreadable(data, refused):
    assert refused(data, top()) == ("person", "image_unreadable")
    assert refused(drawn.photo("mannequin"), {"top": data}) == ("top", "image_unreadable")


def test_too_small(refused):
    tiny = drawn.png(cv2.resize(mannequin(), (140, 200)))
    assert refused(tiny, top()) == ("person", "image_too_small")
    assert refused(drawn.photo("mannequin"), {"top": tiny}) == ("top", "image_too_small")
    with pytest.raises(engine.Refusal) as caught:
        engine.refine(tiny)
    assert caught.value.subject == "coarse"


def test_no_person(refused):
    assert refused(drawn.photo("tee"), top()) == ("person", "no_person")
    assert refused(drawn.png(np.full((1024, 768, 3), 128, np.uint8)), top())[1] == "no_person"


def test_two_people(refused):
    other = drawn.opened(drawn.photo("mannequin", top=(30, 160, 30)))
    both = drawn.png(np.hstack([mannequin(), other]))
    assert refused(both, top()) == ("person", "several_persons")


def test_upside_down(refused):
    code = refused(drawn.png(mannequin()[::-1]), top())[1]
    assert code in {"not_frontal", "no_person", "body_not_visible"}


def test_legs_out_of_the_photo(refused):
    half = drawn.png(cv2.resize(mannequin()[:610], None, fx=1.4, fy=1.4))
    assert refused(half, {"bottom": drawn.photo("trousers")}) == (
        "person",
        "lower_body_not_visible",
    )
    assert engine.tryon(half, top()).height == 854


def test_garment_on_a_busy_ground(refused):
    assert refused(drawn.photo("mannequin"), {"top": drawn.png(noise())}) == (
        "top",
        "garment_background_not_plain",
    )


def test_no_garment(refused):
    blank = drawn.png(np.full((800, 600, 3), 245, np.uint8))
    assert refused(drawn.photo("mannequin"), {"dress": blank}) == ("dress", "garment_not_found")


def test_a_worn_garment(refused):
    person = drawn.photo("mannequin")
    assert refused(person, {"top": person}) == ("top", "garment_has_person")


def test_a_bottom_that_is_none(refused):
    scarf = drawn.Canvas((240, 240, 240))
    scarf.polygon([(60, 480), (700, 480), (700, 600), (60, 600)], (40, 140, 40))
    assert refused(drawn.photo("mannequin"), {"bottom": drawn.png(scarf.finish())}) == (
        "bottom",
        "garment_shape_unsupported",
    )


@pytest.mark.parametrize("slots", [(), ("dress", "top"), ("hat",)])
def test_outfits_that_cannot_be_worn(slots):
    with pytest.raises(engine.Refusal) as caught:
        dress.check_outfit(dict.fromkeys(slots))
    assert caught.value.code == "outfit_unsupported"


# ------------------------------------------------------------ fake landmarks
def standing(sw=150.0, th=250.0):
    """33 joints of an upright person, all seen."""
    joints = np.zeros((33, 2))
    cx = 384
    joints[:11] = (cx, 100)
    for left, right, half, y in (
        (11, 12, sw / 2, 200),
        (23, 24, sw / 3, 200 + th),
        (25, 26, sw / 3, 200 + 1.8 * th),
    ):
        joints[left], joints[right] = (cx + half, y), (cx - half, y)
    return joints, np.ones(33)


def check(joints, seen, faces=1, height=1024):
    with pytest.raises(engine.Refusal) as caught:
        pose.check_posture(joints, seen, faces, height)
    return caught.value.code


def test_a_good_pose_passes():
    joints, seen = standing()
    same, _ = pose.check_posture(joints, seen, 1, 1024)
    assert (same == joints).all()


def test_hidden_hips_come_before_everything_else():
    joints, seen = standing(th=20)
    seen[23] = 0.3
    assert check(joints, seen, faces=2) == "body_not_visible"


def test_far_away():
    assert check(*standing(sw=60, th=80)) == "person_too_small"


def test_side_view():
    assert check(*standing(sw=70)) == "not_frontal"


def test_back_view():
    joints, seen = standing()
    joints[[11, 12]] = joints[[12, 11]]
    assert check(joints, seen) == "not_frontal"


def test_swapped_sides_of_a_cropped_head_are_set_right():
    joints, seen = standing()
    right = joints.copy()
    joints[:11] = (384, -20)
    for a, b in pose.PAIRS:
        joints[[a, b]] = joints[[b, a]]
    fixed, _ = pose.check_posture(joints, seen, 0, 1024)
    assert (fixed[11:] == right[11:]).all()


def test_a_face_printed_on_the_chest_is_no_second_person():
    joints, _ = standing()
    faces = np.array([[360, 80, 50, 50, 0.9], [360, 280, 50, 50, 0.9]])
    assert pose._faces_of_people(joints, faces).tolist() == [True, False]


def test_knees_out_of_the_picture():
    joints, seen = standing()
    pose.check_lower_body(joints, seen, 1024, "dress")
    pose.check_lower_body(joints, seen, 600, "bottom")
    for slot, height in (("dress", 600), ("bottom", 500)):
        with pytest.raises(engine.Refusal, match="knees"):
            pose.check_lower_body(joints, seen, height, slot)


def test_flat_garments_show_no_person():
    for name in ("tee", "trousers", "frock"):
        worn_check.check_nobody(drawn.opened(drawn.photo(name)), "top")
