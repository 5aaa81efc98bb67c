"""What the toy takes of a photo."""

from __future__ import annotations

from providers.image_rules import Rule

IMAGE_RULES = (Rule("garment", "short_side", "refuse", "the toy's box", least=50),)
