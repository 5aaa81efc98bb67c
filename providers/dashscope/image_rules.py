"""What DashScope takes of a photo."""

from __future__ import annotations

from providers.image_rules import JPEG_PNG_BMP, Rule, both

PLUS = "aitryon-plus reference, image requirements (read 2026-11-20)"
PLUS_CODES = "aitryon-plus reference, error table (read 2026-11-20)"

IMAGE_RULES = (
    # The field table takes HEIC, the error text WebP: neither is safe.
    *both("format", "refuse", PLUS, among=JPEG_PNG_BMP),
    *both("bytes", "refuse", PLUS, least=5 * 1024, most=5_000_000),
    # One pixel inside 150..4096: the table and the error text differ on the ends.
    *both("short_side", "refuse", PLUS_CODES, least=151),
    *both("long_side", "refuse", PLUS_CODES, most=4095),
    Rule("person", "persons", "refuse", PLUS_CODES, least=1, most=1),
    Rule("person", "whole", "warn", PLUS, least=1),
    Rule("person", "facing", "warn", PLUS, least=0.32),
    Rule("person", "upright", "warn", PLUS, least=0.7),
    Rule("person", "torso_seen", "warn", PLUS, least=0.5),
    Rule("person", "sharp", "warn", PLUS, least=0.25),
    Rule("person", "bright", "warn", PLUS, least=80),
    # A parse feeds worn crops to the same field, so a worn garment cannot be an error there.
    Rule("garment", "worn", "warn", PLUS, most=0),
    Rule("garment", "garments", "warn", PLUS, most=1),
    Rule("garment", "plain", "warn", PLUS, least=1),
    Rule("garment", "cut_off", "warn", PLUS, most=0),
    Rule("garment", "fills", "warn", PLUS, least=0.6),
)
