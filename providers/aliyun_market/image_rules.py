"""What Aliyun Market takes of a photo."""

from __future__ import annotations

from providers.image_rules import JPEG_PNG_WEBP, Rule, both

MARKET = "cmapi00067129, section 4.1 image limits (read 2026-11-20)"

IMAGE_RULES = (
    *both("format", "refuse", MARKET, among=JPEG_PNG_WEBP),
    *both("short_side", "refuse", MARKET, least=400),
    *both("long_side", "refuse", MARKET, most=4096),
    # "4:3 recommended": twice that is certainly not meant.
    *both("ratio", "warn", MARKET, most=2),
    Rule("person", "persons", "refuse", MARKET, least=1, most=1),
    Rule("person", "facing", "refuse", MARKET, least=0.32),
    Rule("person", "upright", "refuse", MARKET, least=0.7),
    Rule("person", "torso_seen", "warn", MARKET, least=0.5),
    # Of the height: the most lenient reading of "at least two thirds of the picture".
    Rule("person", "share", "refuse", MARKET, least=2 / 3),
    Rule("garment", "type_stated", "warn", MARKET, least=1),
)
