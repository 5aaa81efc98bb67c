"""What each provider takes, as data: one row per provider, subject and rule, with its source.

`refuse` is what a provider documents as an error, or the local engine refuses; `warn` is what a
provider asks for and takes all the same, with a worse image or at its own discretion.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Severity = Literal["refuse", "warn"]
Subject = Literal["person", "garment"]

# The documents of shared/reference, and our own notes of other pages.
PLUS = "aitryon-plus reference, image requirements (read 2026-11-20)"
PLUS_CODES = "aitryon-plus reference, error table (read 2026-11-20)"
MARKET = "cmapi00067129, section 4.1 image limits (read 2026-11-20)"
AIDGE = "Aidge virtual try-on reference, clothesList (read 2026-11-20)"
AIDGE_CODES = "Aidge virtual try-on reference, errors 703 and 707 (read 2026-11-20)"
ENGINE = "jobs/engine"

JPEG_PNG_BMP = frozenset({"JPEG", "PNG", "BMP"})
JPEG_PNG_WEBP = frozenset({"JPEG", "PNG", "WEBP"})


@dataclass(frozen=True)
class Rule:
    """`name` is a fact or follows from some; it must lie in least..most (inclusive) or `among`.

    `slots`: the rule of a person that holds only in outfits with one of these.
    """

    provider: str
    subject: Subject
    name: str
    severity: Severity
    source: str
    least: float | None = None
    most: float | None = None
    among: frozenset[str] = frozenset()
    slots: frozenset[str] = frozenset()

    def allows(self, value: float | str) -> bool:
        if isinstance(value, str):
            return value in self.among
        above = self.least is None or value >= self.least
        return above and (self.most is None or value <= self.most)


def _both(*args: str, **limits: float | frozenset[str]) -> tuple[Rule, Rule]:
    provider, name, severity, source = args
    return tuple(  # type: ignore[return-value]
        Rule(provider, subject, name, severity, source, **limits)  # type: ignore[arg-type]
        for subject in ("person", "garment")
    )


DASHSCOPE = (
    # The field table takes HEIC, the error text WebP: neither is safe.
    *_both("dashscope", "format", "refuse", PLUS, among=JPEG_PNG_BMP),
    *_both("dashscope", "bytes", "refuse", PLUS, least=5 * 1024, most=5_000_000),
    # One pixel inside 150..4096: the table and the error text differ on the ends.
    *_both("dashscope", "short_side", "refuse", PLUS_CODES, least=151),
    *_both("dashscope", "long_side", "refuse", PLUS_CODES, most=4095),
    Rule("dashscope", "person", "persons", "refuse", PLUS_CODES, least=1, most=1),
    Rule("dashscope", "person", "whole", "warn", PLUS, least=1),
    Rule("dashscope", "person", "facing", "warn", PLUS, least=0.32),
    Rule("dashscope", "person", "upright", "warn", PLUS, least=0.7),
    Rule("dashscope", "person", "torso_seen", "warn", PLUS, least=0.5),
    Rule("dashscope", "person", "sharp", "warn", PLUS, least=0.25),
    Rule("dashscope", "person", "bright", "warn", PLUS, least=80),
    # A parse feeds worn crops to the same field, so a worn garment cannot be an error there.
    Rule("dashscope", "garment", "worn", "warn", PLUS, most=0),
    Rule("dashscope", "garment", "garments", "warn", PLUS, most=1),
    Rule("dashscope", "garment", "plain", "warn", PLUS, least=1),
    Rule("dashscope", "garment", "cut_off", "warn", PLUS, most=0),
    Rule("dashscope", "garment", "fills", "warn", PLUS, least=0.6),
)
ALIYUN_MARKET = (
    *_both("aliyun_market", "format", "refuse", MARKET, among=JPEG_PNG_WEBP),
    *_both("aliyun_market", "short_side", "refuse", MARKET, least=400),
    *_both("aliyun_market", "long_side", "refuse", MARKET, most=4096),
    # "4:3 recommended": twice that is certainly not meant.
    *_both("aliyun_market", "ratio", "warn", MARKET, most=2),
    Rule("aliyun_market", "person", "persons", "refuse", MARKET, least=1, most=1),
    Rule("aliyun_market", "person", "facing", "refuse", MARKET, least=0.32),
    Rule("aliyun_market", "person", "upright", "refuse", MARKET, least=0.7),
    Rule("aliyun_market", "person", "torso_seen", "warn", MARKET, least=0.5),
    # Of the height: the most lenient reading of "at least two thirds of the picture".
    Rule("aliyun_market", "person", "share", "refuse", MARKET, least=2 / 3),
    Rule("aliyun_market", "garment", "told", "warn", MARKET, least=1),
)
# Nothing is documented of its model photos; the rest of its rules are of garments.
AIDGE_ = (
    Rule("aidge", "garment", "short_side", "refuse", AIDGE, least=501),
    Rule("aidge", "garment", "long_side", "refuse", AIDGE, most=3000),
    Rule("aidge", "garment", "worn", "refuse", AIDGE_CODES, most=0),
    Rule("aidge", "garment", "garments", "warn", AIDGE_CODES, most=1),
    Rule("aidge", "garment", "cut_off", "warn", AIDGE_CODES, most=0),
    Rule("aidge", "garment", "sharp", "warn", AIDGE, least=0.25),
    Rule("aidge", "person", "persons", "warn", AIDGE, least=1, most=1),
)
LOCAL = (
    *_both("local", "format", "refuse", ENGINE, among=JPEG_PNG_WEBP),
    Rule("local", "person", "short_side", "refuse", ENGINE, least=288),
    Rule("local", "person", "long_side", "refuse", ENGINE, least=512),
    Rule("local", "person", "persons", "refuse", ENGINE, least=1, most=1),
    Rule("local", "person", "torso_seen", "refuse", ENGINE, least=0.5),
    Rule("local", "person", "torso", "refuse", ENGINE, least=0.1),
    Rule("local", "person", "frontal", "refuse", ENGINE, least=0.32),
    Rule("local", "person", "legs", "refuse", ENGINE, least=1, slots=frozenset({"bottom"})),
    Rule("local", "person", "legs", "refuse", ENGINE, least=2, slots=frozenset({"dress"})),
    Rule("local", "garment", "short_side", "refuse", ENGINE, least=150),
    Rule("local", "garment", "worn", "refuse", ENGINE, most=0),
    Rule("local", "garment", "plain", "refuse", ENGINE, least=1),
    Rule("local", "garment", "found", "refuse", ENGINE, least=1),
    Rule("local", "garment", "shape_known", "refuse", ENGINE, least=1),
)
RULES: tuple[Rule, ...] = (*DASHSCOPE, *ALIYUN_MARKET, *AIDGE_, *LOCAL)


def rules_for(subject: str, providers: frozenset[str] | None = None) -> list[Rule]:
    return [
        rule
        for rule in RULES
        if rule.subject == subject and (providers is None or rule.provider in providers)
    ]
