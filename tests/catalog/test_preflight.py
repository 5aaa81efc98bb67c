"""Every rule with a value just inside of it and one just outside."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils.translation import override

from catalog.models import Garment, Person
from catalog.preflight.findings import Finding, allows, findings, unmeasured, verdict
from catalog.preflight.messages import REMARKS
from providers import registry
from providers.image_rules import Rule

PERSON = {
    **{"format": "JPEG", "bytes": 300_000, "width": 768, "height": 1024},
    **{"sharp": 0.6, "bright": 200, "persons": 1, "frontal": 0.6, "facing": 0.6, "torso_seen": 0.9},
    "upright": 1.0,
    **{"torso": 0.3, "share": 0.9, "whole": True, "legs": 2, "box": [0.3, 0.05, 0.7, 0.95]},
}
GARMENT = {
    **{"format": "JPEG", "bytes": 300_000, "width": 768, "height": 1024},
    **{"sharp": 0.6, "bright": 200, "worn": False, "plain": True, "found": True},
    **{"shape_known": True, "garments": 1, "fills": 0.8, "cut_off": False},
    **{"box": [0.1, 0.1, 0.9, 0.9]},
}


def person(**facts: Any) -> Person:
    return Person(name="Ada", facts=PERSON | facts)


def garment(photo_type: str = "flat", **facts: Any) -> Garment:
    return Garment(name="Tee", slot="top", photo_type=photo_type, facts=GARMENT | facts)


def found(asset: Any, rule: str, provider: str) -> list[Finding]:
    return [f for f in findings(asset, [provider.replace("_", "-")]) if f.rule == rule]


def refusals(asset: Any, slots: list[str]) -> list[Finding]:
    return [f for f in findings(asset, ["local"], slots) if f.severity == "refuse"]


def test_it_works() -> None:
    assert findings(person()) == findings(garment()) == []
    [finding] = findings(garment(width=480), ["aidge"])
    assert finding == Finding(
        rule="short_side",
        value="480 px",
        limit="501 px",
        providers=("aidge",),
        severity="refuse",
        message="Short side too short: 480 px, needs 501 px",
        remedy="Resize it: one click on its page.",
        mend="resize",
        title="Short side too short",
    )


SIDES = [
    ("dashscope", {"width": 151}, {"width": 150}, "short_side"),
    ("dashscope", {"height": 4095}, {"height": 4096}, "long_side"),
    ("dashscope", {"bytes": 5120}, {"bytes": 5119}, "bytes"),
    ("dashscope", {"bytes": 5_000_000}, {"bytes": 5_000_001}, "bytes"),
    ("dashscope", {"format": "PNG"}, {"format": "HEIF"}, "format"),
    ("aliyun_market", {"width": 400}, {"width": 399}, "short_side"),
    ("aliyun_market", {"height": 4096}, {"height": 4097}, "long_side"),
    ("aliyun_market", {"width": 512}, {"width": 511}, "ratio"),
    ("aliyun_market", {"format": "WEBP"}, {"format": "BMP"}, "format"),
    ("local", {"format": "PNG"}, {"format": "BMP"}, "format"),
]
PERSONS = [
    ("dashscope", {"persons": 1}, {"persons": 0}, "persons"),
    ("dashscope", {"persons": 1}, {"persons": 2}, "persons"),
    ("dashscope", {"whole": True}, {"whole": False}, "whole"),
    ("dashscope", {"facing": 0.32}, {"facing": 0.31}, "facing"),
    ("dashscope", {"torso_seen": 0.5}, {"torso_seen": 0.49}, "torso_seen"),
    ("dashscope", {"upright": 0.7}, {"upright": 0.69}, "upright"),
    ("dashscope", {"sharp": 0.25}, {"sharp": 0.24}, "sharp"),
    ("dashscope", {"bright": 80}, {"bright": 79}, "bright"),
    ("aliyun_market", {"persons": 1}, {"persons": 2}, "persons"),
    ("aliyun_market", {"facing": 0.32}, {"facing": 0.31}, "facing"),
    ("aliyun_market", {"torso_seen": 0.5}, {"torso_seen": 0.49}, "torso_seen"),
    ("aliyun_market", {"upright": 0.7}, {"upright": 0.69}, "upright"),
    ("aliyun_market", {"share": 0.67}, {"share": 0.66}, "share"),
    ("aidge", {"persons": 1}, {"persons": 2}, "persons"),
    ("local", {"width": 288}, {"width": 287}, "short_side"),
    ("local", {"height": 768, "width": 512}, {"height": 511, "width": 400}, "long_side"),
    ("local", {"persons": 1}, {"persons": 0}, "persons"),
    ("local", {"torso_seen": 0.5}, {"torso_seen": 0.49}, "torso_seen"),
    ("local", {"torso": 0.1}, {"torso": 0.099}, "torso"),
    ("local", {"frontal": 0.32}, {"frontal": 0.31}, "frontal"),
    ("local", {"legs": 2}, {"legs": 1}, "legs"),
]
GARMENTS = [
    ("dashscope", {"worn": False}, {"worn": True}, "worn"),
    ("dashscope", {"garments": 1}, {"garments": 2}, "garments"),
    ("dashscope", {"plain": True}, {"plain": False}, "plain"),
    ("dashscope", {"cut_off": False}, {"cut_off": True}, "cut_off"),
    ("dashscope", {"fills": 0.6}, {"fills": 0.59}, "fills"),
    ("aliyun_market", {"worn": False}, {"worn": True}, "type_stated"),
    ("aidge", {"width": 501}, {"width": 500}, "short_side"),
    ("aidge", {"height": 3000}, {"height": 3001}, "long_side"),
    ("aidge", {"worn": False}, {"worn": True}, "worn"),
    ("aidge", {"garments": 1}, {"garments": 2}, "garments"),
    ("aidge", {"cut_off": False}, {"cut_off": True}, "cut_off"),
    ("aidge", {"sharp": 0.25}, {"sharp": 0.24}, "sharp"),
    ("local", {"width": 150}, {"width": 149}, "short_side"),
    ("local", {"worn": False}, {"worn": True}, "worn"),
    ("local", {"plain": True}, {"plain": False}, "plain"),
    ("local", {"found": True}, {"found": False}, "found"),
    ("local", {"shape_known": True}, {"shape_known": False}, "shape_known"),
]
CASES = [
    *((person, *case) for case in SIDES + PERSONS),
    *((garment, *case) for case in SIDES + GARMENTS),
]


@pytest.mark.parametrize(("make", "provider", "inside", "outside", "rule"), CASES)
def test_inside_and_outside(make: Any, provider: str, inside: Any, outside: Any, rule: str) -> None:
    assert found(make(**inside), rule, provider) == []
    [finding] = found(make(**outside), rule, provider)
    assert finding.providers == (provider,)
    assert finding.message
    assert finding.remedy


def test_no_rule_is_left_untested() -> None:
    tested = {(make.__name__, provider, rule) for make, provider, _in, _out, rule in CASES}
    assert {(r.subject, name, r.name) for name, r in registry.image_rules()} == tested


def test_every_rule_has_words_and_a_source() -> None:
    for _name, rule in registry.image_rules():
        assert rule.name in REMARKS
        assert rule.source


def test_providers_that_agree_share_a_finding_with_the_strictest_limit() -> None:
    refused = [f for f in findings(garment(width=140, height=300)) if f.rule == "short_side"]
    [finding] = refused
    assert finding.providers == ("local", "dashscope", "aliyun_market", "aidge")
    assert (finding.value, finding.limit, finding.mend) == ("140 px", "501 px", "")


def test_severities_are_distinguished_and_refusals_come_first() -> None:
    worn = [(f.severity, f.providers) for f in findings(garment(worn=True)) if f.rule == "worn"]
    assert worn == [("refuse", ("local", "aidge")), ("warn", ("dashscope",))]


def test_a_garment_stated_as_worn_needs_no_measuring() -> None:
    asset = garment("worn")
    assert [f.rule for f in refusals(asset, ["top"])] == ["worn"]
    assert found(asset, "type_stated", "aliyun_market") == []


def test_legs_matter_for_what_covers_them() -> None:
    half = person(legs=1)
    assert refusals(half, ["top"]) == refusals(half, ["bottom"]) == []
    [finding] = refusals(half, ["dress"])
    assert finding.slots == ("dress",)
    assert len(refusals(person(legs=0), ["top", "bottom"])) == 1


@pytest.mark.parametrize(
    ("facts", "mend"),
    [
        ({"bytes": 6_000_000}, "recompress"),
        ({"bytes": 3000}, "resize"),
        ({"format": "HEIF"}, "convert"),
        ({"width": 200, "height": 260}, "resize"),
        ({"width": 190, "height": 1600}, "pad"),
        ({"width": 190, "height": 260}, ""),
        ({"height": 5000}, "resize"),
        ({"share": 0.4}, "crop"),
        ({"share": 0.4, "box": None}, "crop"),
        ({"persons": 0}, ""),
    ],
)
def test_what_can_be_mended(facts: dict[str, Any], mend: str) -> None:
    asset = person(**facts)
    [*refused] = [f for f in findings(asset, ["dashscope", "aliyun-market"]) if f.rule != "ratio"]
    assert refused[0].mend == mend


def test_what_is_not_measured_is_not_held_against_a_photo() -> None:
    pixels = {k: PERSON[k] for k in ("format", "bytes", "width", "height", "sharp", "bright")}
    asset = Person(facts=pixels)
    assert findings(asset) == []
    assert {"persons", "frontal", "legs"} <= set(unmeasured(asset))
    assert verdict(asset) == ""
    assert findings(Person(facts={})) == []


@pytest.mark.parametrize(
    ("asset", "word"),
    [
        (person(), "fine"),
        (person(whole=False), "warn"),
        (person(legs=0), "warn"),
        (person(persons=2), "refuse"),
        (garment(), "fine"),
    ],
)
def test_the_verdict_is_the_worst_finding(asset: Any, word: str) -> None:
    assert verdict(asset) == word


def test_it_speaks_the_language_of_the_reader() -> None:
    with override("en"):
        assert "Blurred: 10%, needs 25%" in [f.message for f in findings(person(sharp=0.1))]


def test_a_rule_allows_its_ends() -> None:
    rule = Rule("person", "n", "warn", "here", least=1, most=2)
    assert [allows(rule, v) for v in (0.99, 1, 2, 2.01)] == [False, True, True, False]
