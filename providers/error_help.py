"""Every error code in plain words: what happened, what helps, and whether trying again can help.

`remedies` knows the kinds of error; this knows the codes, and falls back to the kinds.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from functools import lru_cache

from providers import registry
from providers.contract import Provider
from providers.error_help_table import MEANINGS, Meaning
from providers.error_kinds import Remedy, remedy

# The engine's adapter speaks the providers' codes and leaves its own, finer one at the end.
FINER = re.compile(r"\((\w+)\)$")


def explain(code: str, kind: str, message: str = "") -> Remedy:
    """What an error says to a person; retrying is a matter of its kind alone."""
    general = remedy(kind)
    finer = FINER.search(message)
    known = (finer and meaning(finer[1], kind)) or meaning(code, kind)
    return Remedy(known.title, known.help, general.retry) if known else general


def meaning(code: str, kind: str = "") -> Meaning | None:
    """The entry of a code: of this kind rather than another, by its name rather than a pattern."""
    return _meaning(code, kind, registry.backends())


@lru_cache(maxsize=1024)
def _meaning(code: str, kind: str, backends: tuple[type[Provider], ...]) -> Meaning | None:
    entries = (*MEANINGS, *(entry for backend in backends for entry in backend.error_help))
    found = [
        ((entry.kind == kind, not set("*[") & set(pattern), len(pattern)), entry)
        for entry in entries
        for pattern in entry.codes.split()
        if fnmatchcase(_comparable(code), _comparable(pattern))
    ]
    return max(found, key=lambda pair: pair[0])[1] if found else None


def _comparable(code: str) -> str:
    return code.lower().replace("_", "").replace(" ", "")
