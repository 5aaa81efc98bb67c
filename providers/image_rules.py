"""The rules of providers for photos, as data: one row per subject and rule, with its source.

The rows stand in each provider's package; its adapter names them (`Provider.image_rules`).

`refuse` is what a provider documents as an error, or the local engine refuses; `warn` is what a
provider asks for and takes all the same, with a worse image or at its own discretion.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

Severity = Literal["refuse", "warn"]
Subject = Literal["person", "garment"]


JPEG_PNG_BMP = frozenset({"JPEG", "PNG", "BMP"})
JPEG_PNG_WEBP = frozenset({"JPEG", "PNG", "WEBP"})


@dataclass(frozen=True)
class Rule:
    """One rule: the fact `name` must lie in least..most (inclusive) or be one of `among`.

    `slots`: the rule of a person that holds only in outfits with one of these. `title` and
    `remedy` say it where no other provider has this rule; catalog/preflight/messages.py has the
    words of those that several have.
    """

    subject: Subject
    name: str
    severity: Severity
    source: str
    least: float | None = None
    most: float | None = None
    among: frozenset[str] = frozenset()
    slots: frozenset[str] = frozenset()
    title: StrOrPromise = ""
    remedy: StrOrPromise = ""


def both(
    name: str, severity: Severity, source: str, **limits: float | frozenset[str]
) -> tuple[Rule, Rule]:
    """Return the same rule for persons and garments."""
    return (
        Rule("person", name, severity, source, **limits),  # type: ignore[arg-type]
        Rule("garment", name, severity, source, **limits),  # type: ignore[arg-type]
    )
