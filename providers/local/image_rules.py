"""The local engine's rules for photos."""

from __future__ import annotations

from providers.image_rules import JPEG_PNG_WEBP, Rule, both

ENGINE = "engine"

IMAGE_RULES = (
    *both("format", "refuse", ENGINE, among=JPEG_PNG_WEBP),
    Rule("person", "short_side", "refuse", ENGINE, least=288),
    Rule("person", "long_side", "refuse", ENGINE, least=512),
    Rule("person", "persons", "refuse", ENGINE, least=1, most=1),
    Rule("person", "torso_seen", "refuse", ENGINE, least=0.5),
    Rule("person", "torso", "refuse", ENGINE, least=0.1),
    Rule("person", "frontal", "refuse", ENGINE, least=0.32),
    Rule("person", "legs", "refuse", ENGINE, least=1, slots=frozenset({"bottom"})),
    Rule("person", "legs", "refuse", ENGINE, least=2, slots=frozenset({"dress"})),
    Rule("garment", "short_side", "refuse", ENGINE, least=150),
    Rule("garment", "worn", "refuse", ENGINE, most=0),
    Rule("garment", "plain", "refuse", ENGINE, least=1),
    Rule("garment", "found", "refuse", ENGINE, least=1),
    Rule("garment", "shape_known", "refuse", ENGINE, least=1),
)
