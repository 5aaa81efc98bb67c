"""What the engine says of drawn photos, each fact true of one and not of another."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from engine import AnalysisCache, Refusal, inspection
from engine.person import pose
from providers.local.image_rules import IMAGE_RULES
from tests.engine import drawn


def stretched(name, **sides):
    """A drawing on a larger ground of its own colour; `sides` in pixels, negative to crop."""
    image = drawn.opened(drawn.photo(name))
    pad = {side: max(0, px) for side, px in sides.items()}
    around = [pad.get(side, 0) for side in ("top", "bottom", "left", "right")]
    image = cv2.copyMakeBorder(image, *around, cv2.BORDER_REPLICATE)
    height, width = image.shape[:2]
    cut = {side: max(0, -px) for side, px in sides.items()}
    y = slice(cut.get("top", 0), height - cut.get("bottom", 0))
    x = slice(cut.get("left", 0), width - cut.get("right", 0))
    return drawn.png(np.ascontiguousarray(image[y, x]))


def test_it_works():
    facts = inspection.measure_person(drawn.photo("mannequin"))
    assert facts["persons"] == 1
    assert facts["whole"]
    assert facts["legs"] == 2
    assert facts["frontal"] == facts["facing"] > pose.SIDE_VIEW_SW_PER_TH
    assert facts["torso_seen"] > 0.9
    assert facts["upright"] > 0.95
    assert 0.8 < facts["share"] <= 1
    x1, y1, x2, y2 = facts["box"]
    assert 0 <= x1 < 0.4 < 0.6 < x2 <= 1
    assert 0 <= y1 < y2 <= 1


def test_no_person():
    assert inspection.measure_person(drawn.photo("skirt")) == {"persons": 0}


def test_two_persons():
    one = drawn.opened(drawn.photo("mannequin"))
    middle = one[:, 120:650]
    assert inspection.measure_person(drawn.png(np.hstack([middle, middle])))["persons"] == 2


@pytest.mark.parametrize(("cut", "legs"), [(0, 2), (330, 1), (470, 0)])
def test_how_much_of_the_legs_is_there(cut, legs):
    facts = inspection.measure_person(
        stretched("mannequin", bottom=-cut) if cut else stretched("mannequin")
    )
    assert facts["legs"] == legs
    assert facts["whole"] is (cut == 0)


def test_a_small_person_has_a_small_share():
    facts = inspection.measure_person(
        stretched("mannequin", top=500, bottom=500, left=300, right=300)
    )
    assert facts["share"] < 2 / 3
    assert facts["torso"] < 0.2


def test_a_person_that_lies():
    lying = np.ascontiguousarray(np.rot90(drawn.opened(drawn.photo("mannequin"))))
    facts = inspection.measure_person(drawn.png(lying))
    assert facts["persons"] == 0 or facts["upright"] < 0.7


def test_a_side_view(monkeypatch):
    """Only the shoulders' distance matters, and the mirror has the last word on `facing`."""
    answers = iter([0.1, 0.1, 0.5])
    real = inspection.mediapipe_graphs.run

    def run(name, rgb):
        found = real(name, rgb)
        if name == "pose":
            joints = found["joints"]
            middle, factor = joints[11:13, 0].mean(), next(answers)
            joints[11:13, 0] = middle + (joints[11:13, 0] - middle) * factor
        return found

    monkeypatch.setattr(inspection.mediapipe_graphs, "run", run)
    facts = inspection.measure_person(drawn.photo("mannequin"))
    assert facts["frontal"] < pose.SIDE_VIEW_SW_PER_TH
    assert facts["facing"] > facts["frontal"]


def test_a_softer_look_counts_as_the_engine_s(monkeypatch):
    """The engine looks twice, too: what it would dress is not called a side view."""
    real, looks = inspection.mediapipe_graphs.run, []

    def run(name, rgb):
        found = real(name, rgb)
        if name == "pose":
            looks.append(rgb)
            if len(looks) % 2:
                joints = found["joints"]
                joints[11:13, 0] = joints[11:13, 0].mean() + np.array([0.01, -0.01])
        return found

    monkeypatch.setattr(inspection.mediapipe_graphs, "run", run)
    assert (
        inspection.measure_person(drawn.photo("mannequin"))["frontal"] >= pose.SIDE_VIEW_SW_PER_TH
    )
    assert len(looks) == 2
    photo = drawn.opened(drawn.photo("mannequin"))
    assert len(pose.find(photo).joints)
    assert len(looks) == 4


@pytest.mark.parametrize(("name", "slot"), [("tee", "top"), ("trousers", "bottom")])
def test_a_flat_garment(name, slot):
    facts = inspection.measure_garment(drawn.photo(name), slot)
    assert facts.items() >= inspection.SOUND_FACTS.items()
    assert (facts["garments"], facts["cut_off"]) == (1, False)
    assert facts["fills"] > 0.6


def test_margin_makes_it_fill_less():
    facts = inspection.measure_garment(
        stretched("tee", top=400, bottom=400, left=300, right=300), "top"
    )
    assert facts["fills"] < 0.6
    assert facts["box"][0] > 0.25


def test_two_garments():
    tee = drawn.opened(drawn.photo("tee"))
    facts = inspection.measure_garment(drawn.png(np.hstack([tee, tee])), "top")
    assert facts["garments"] == 2


def test_a_garment_at_the_edge_is_cut_off():
    assert inspection.measure_garment(stretched("tee", left=-150), "top")["cut_off"]


def test_a_worn_garment():
    facts = inspection.measure_garment(drawn.photo("mannequin"), "top")
    assert facts == {"worn": True}


def test_a_busy_ground():
    noise = np.random.RandomState(0).randint(0, 255, (48, 36, 3), np.uint8)
    image = cv2.resize(noise, (768, 1024), interpolation=cv2.INTER_NEAREST)
    facts = inspection.measure_garment(drawn.png(image), "top")
    assert facts == {"worn": False, "plain": False}


def test_the_analysis_is_cached(tmp_path):
    cache = AnalysisCache(tmp_path)
    inspection.measure_garment(drawn.photo("skirt"), "bottom", cache)
    assert len(list(tmp_path.iterdir())) == 1


def test_bytes_that_are_no_image():
    for look in (inspection.measure_person, lambda data: inspection.measure_garment(data, "top")):
        with pytest.raises(Refusal, match="image_unreadable"):
            look(b"nothing")


def test_the_rules_of_the_engine_are_those_it_applies():
    least = {rule.name: rule.least for rule in IMAGE_RULES if rule.subject == "person"}
    assert least["torso_seen"] == pose.LEAST_SEEN
    assert least["torso"] == pose.LEAST_TORSO
    assert least["frontal"] == pose.SIDE_VIEW_SW_PER_TH
