"""Aidge's rules for photos."""

from __future__ import annotations

from providers.image_rules import Rule

AIDGE = "Aidge virtual try-on reference, clothesList (read 2026-11-20)"
AIDGE_CODES = "Aidge virtual try-on reference, errors 703 and 707 (read 2026-11-20)"

# Nothing is documented of its model photos; the rest of its rules are of garments.
IMAGE_RULES = (
    Rule("garment", "short_side", "refuse", AIDGE, least=501),
    Rule("garment", "long_side", "refuse", AIDGE, most=3000),
    Rule("garment", "worn", "refuse", AIDGE_CODES, most=0),
    Rule("garment", "garments", "warn", AIDGE_CODES, most=1),
    Rule("garment", "cut_off", "warn", AIDGE_CODES, most=0),
    Rule("garment", "sharp", "warn", AIDGE, least=0.25),
    Rule("person", "persons", "warn", AIDGE, least=1, most=1),
)
