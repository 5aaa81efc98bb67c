"""Write docs/openapi.yaml as the code is now, unless it breaks what apps were promised."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from drf_spectacular.renderers import OpenApiYamlRenderer
from drf_spectacular.validation import validate_schema

from api.openapi.compatibility import breaks
from api.openapi.document import document

KEPT = settings.BASE_DIR / "docs/openapi.yaml"
# What released apps rely on: the document without its words.
RELEASED = settings.BASE_DIR / "docs/openapi-released.yaml"
WORDS = ("description", "summary", "example", "tags", "examples")


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--release", action="store_true", help="Promise it to apps from now on")
        parser.add_argument("--break", action="store_true", help="Break promises knowingly")

    def handle(self, *args: Any, **options: Any) -> None:
        made = document()
        validate_schema(made)
        broken = breaks(released(), made)
        if broken and not options["break"]:
            stumbles = "\n".join(["Released apps would stumble:", *broken])
            raise CommandError(f"{stumbles}\nAdd beside, or say API_BREAK=1.")
        KEPT.write_bytes(text(made))
        if options["release"] or broken:
            RELEASED.write_bytes(text(promises(made)))


def text(of: dict[str, Any]) -> bytes:
    return bytes(OpenApiYamlRenderer().render(of))


def released() -> dict[str, Any]:
    return loaded(RELEASED) if RELEASED.exists() else {"paths": {}}


def loaded(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = yaml.load(path.read_bytes(), Loader=yaml.CSafeLoader)
    return found


def promises(node: Any, named: bool = False) -> Any:
    """Without the words. `named`: the keys of this level are fields, and may have any name."""
    if isinstance(node, list):
        return [promises(each) for each in node]
    if not isinstance(node, dict):
        return node
    return {
        key: promises(value, key == "properties" and not named)
        for key, value in node.items()
        if named or key not in WORDS
    }
