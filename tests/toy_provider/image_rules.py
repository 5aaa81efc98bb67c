"""What the toy takes of a photo."""

from __future__ import annotations

from providers.image_rules import Rule

IMAGE_RULES = (
    Rule("garment", "short_side", "refuse", "the toy's box", least=50),
    # No other provider has this rule, so it brings its words.
    Rule(
        *("garment", "height", "warn", "the toy's box"),
        most=900,
        title="Higher than the toy's box",
        remedy="Fold it.",
    ),
)
