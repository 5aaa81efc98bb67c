"""Check that what the document allows is refused with 400 for few reasons only."""

from __future__ import annotations

from typing import Any

import schemathesis

# By pointer: rows and cursors that are not there, and what is not the role's to choose.
REASONS = ("/person", "/persons", "/top", "/bottom", "/dress", "/outfits", "/upload", "/provider")
REASONS += (
    "/photo",
    "/url",
    "/recipe",
    "/confirm",
    "/consent",
    "/sku",
    "?cursor",
    "?updated_since",
)

# No database has the first two, nothing but spaces is no name; the document cannot express it.
CODES = ("null_characters_not_allowed", "surrogate_characters_not_allowed", "blank")


@schemathesis.check
def refused_for_a_reason(ctx: Any, response: Any, case: Any) -> None:
    """Raise AssertionError for a 400 whose reason is not in REASONS or CODES."""
    if response.status_code != 400 or not case.meta or case.meta.generation.mode.is_negative:
        return
    problem = response.json()
    if "type" not in problem:  # allauth's own errors
        return
    errors = [each for each in problem.get("errors", ()) if each["code"] not in CODES]
    places = [error["pointer"] for error in errors]
    wrong = [place for place in places if place and not place.startswith(REASONS)]
    assert not wrong, f"Refused though the document allows it: {problem}"
