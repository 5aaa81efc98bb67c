"""Can images be labelled as the settings say, and are public files kept apart from private ones?"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core import checks

from galleries import labelling

# With this many characters (Chinese ones count twice) the label still fits into a portrait.
MAX_CHARS = 20


@checks.register("labels")
def labels_are_sound(**kwargs: Any) -> list[checks.CheckMessage]:
    found: list[checks.CheckMessage] = []
    text, producer = settings.AI_LABEL_TEXT, settings.AI_LABEL_PRODUCER
    if settings.AI_LABEL_VISIBLE and not text:
        hint = "Write what is to be seen, or set AI_LABEL_VISIBLE=false."
        found.append(checks.Error("AI_LABEL_TEXT is empty.", hint=hint, id="jobs.E010"))
    if sum(1 if ord(c) < 0x2E80 else 2 for c in text) > MAX_CHARS:
        hint = "“AI generated” and “AI生成” say enough."
        found.append(checks.Error("AI_LABEL_TEXT is too long.", hint=hint, id="jobs.E011"))
    if missing := labelling.missing_characters(text):
        message = f"AI_LABEL_TEXT has characters that cannot be drawn: {missing}"
        hint = "“AI generated” is written instead. Latin, AI生成 and 人工智能生成合成内容 can be."
        found.append(checks.Warning(message, hint=hint, id="jobs.W010"))
    # GB 45438-2025, annex E: values are printable single-byte characters.
    if not producer or not all("!" <= c <= "~" and c != "\\" for c in producer):
        message = "AI_LABEL_PRODUCER is not printable ASCII without spaces."
        hint = "Use your registered code, or a short Latin name."
        found.append(checks.Error(message, hint=hint, id="jobs.E012"))
    return found


@checks.register("labels")
def public_files_are_apart(**kwargs: Any) -> list[checks.CheckMessage]:
    """A bucket that everybody can read must not be the one with the photos."""
    found: list[checks.CheckMessage] = []
    if settings.S3_BUCKET and settings.S3_BUCKET == settings.S3_PUBLIC_BUCKET:
        hint = "Leave S3_PUBLIC_BUCKET empty to keep public files closed under a prefix."
        message = "S3_PUBLIC_BUCKET is S3_BUCKET, which must stay private."
        found.append(checks.Error(message, hint=hint, id="jobs.E013"))
    widths = settings.PUBLIC_WIDTHS
    if not widths or not all(16 <= width <= 10_000 for width in widths):
        hint = "For example 320,480,800,1200,1600."
        message = "PUBLIC_WIDTHS are numbers of pixels."
        found.append(checks.Error(message, hint=hint, id="jobs.E014"))
    return found
