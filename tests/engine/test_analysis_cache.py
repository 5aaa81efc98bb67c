"""What is known of a photo is kept, shared, bounded, and made again when it is broken."""

from __future__ import annotations

import os
import time

import numpy as np
import pytest

import engine
from engine import AnalysisCache
from engine.garment.garment_types import Garment
from engine.person import person_analysis
from engine.person.person_analysis import Person
from tests.engine import drawn


class Thing:
    """Stands for something known; counts how often it was made."""

    made = 0

    def __init__(self, values):
        self.values = values

    @classmethod
    def unpack(cls, known):
        return cls(known["values"])

    @classmethod
    def make(cls):
        cls.made += 1
        return cls(np.arange(50_000))

    def pack(self):
        return {"values": self.values}


@pytest.fixture(autouse=True)
def _count_from_zero():
    Thing.made = 0


def recall(cache, name=b"a"):
    key = cache.key("thing", "1", name)
    return cache.get_or_make(key, Thing.unpack, Thing.make, Thing.pack)


def test_it_works(tmp_path):
    first, second = recall(AnalysisCache(tmp_path)), recall(AnalysisCache(tmp_path))
    assert Thing.made == 1
    assert (first.values == second.values).all()


def test_kind_version_and_content_make_the_key():
    keys = {AnalysisCache.key(k, v, d) for k in "ab" for v in "12" for d in (b"x", b"y")}
    assert len(keys) == 8


@pytest.mark.parametrize("damage", [b"", b"PK\x03\x04 half an entry", None])
def test_a_broken_entry_is_made_again(tmp_path, damage):
    recall(AnalysisCache(tmp_path))
    (entry,) = tmp_path.iterdir()
    entry.write_bytes(entry.read_bytes()[:-60] if damage is None else damage)
    assert len(recall(AnalysisCache(tmp_path)).values) == 50_000
    recall(AnalysisCache(tmp_path))
    assert Thing.made == 2


def test_pickles_are_never_loaded(tmp_path):
    cache = AnalysisCache(tmp_path)
    recall(cache)
    (entry,) = tmp_path.iterdir()
    np.savez(entry, values=np.array([{"a": 1}], dtype=object))
    assert recall(AnalysisCache(tmp_path)).values.dtype != object
    assert Thing.made == 2


def test_the_longest_unused_goes_first(tmp_path):
    cache = AnalysisCache(tmp_path, limit_mb=1)
    recall(cache, b"0")
    recall(cache, b"1")
    old = time.time() - 3600
    for path in tmp_path.iterdir():
        os.utime(path, (old, old))
    recall(AnalysisCache(tmp_path), b"0")  # used again, so 1 is now the oldest
    recall(cache, b"2")
    left = {path.stem for path in tmp_path.iterdir()}
    assert left == {cache.key("thing", "1", name) for name in (b"0", b"2")}


def test_a_folder_that_cannot_be_made_costs_only_time(tmp_path):
    (tmp_path / "file").write_text("in the way")
    cache = AnalysisCache(tmp_path / "file" / "folder")
    assert len(recall(cache).values) == 50_000


def test_a_process_keeps_a_few_and_can_forget_them(tmp_path):
    cache = AnalysisCache(tmp_path)
    for number in range(30):
        recall(cache, b"%d" % number)
    assert len(cache._recent) <= 12
    engine.close()
    assert not cache._recent


def test_people_and_clothes_come_back_as_they_were(wearer, clothes, tmp_path):
    np.savez(tmp_path / "person.npz", **wearer.packed())
    with np.load(tmp_path / "person.npz", allow_pickle=False) as entry:
        again = Person.unpacked(wearer.photo, dict(entry))
    assert (again.labels == wearer.labels).all()
    assert again.body.half("A", 0.9) == wearer.body.half("A", 0.9)
    for name, garment in clothes.items():
        np.savez(tmp_path / name, **garment.packed())
        with np.load(tmp_path / f"{name}.npz", allow_pickle=False) as entry:
            same = Garment.unpacked(dict(entry))
        assert same.packed().keys() == garment.packed().keys()
        assert (same.mask == garment.mask).all()
        assert same.shape == garment.shape
        assert same.warnings == garment.warnings


def test_a_known_photo_is_not_analysed_again(tmp_path, monkeypatch, dressed):
    given = drawn.photo("mannequin"), {"top": drawn.photo("tee")}
    assert engine.tryon(*given, cache=AnalysisCache(tmp_path)) == dressed
    assert max(path.stat().st_size for path in tmp_path.iterdir()) < 3_000_000

    def again(picture):
        raise AssertionError("analysed again")

    monkeypatch.setattr(person_analysis, "analyse", again)
    assert engine.tryon(*given, cache=AnalysisCache(tmp_path)) == dressed
