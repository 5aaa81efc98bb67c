"""What a failure says to a person: what happened, what helps, and whether trying again can help.

The code decides, by the texts of the providers' packages and those that all share; a code that
nobody knows is explained by its kind.
"""

from __future__ import annotations

import re
from fnmatch import fnmatchcase
from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

from django.utils.translation import gettext_lazy as _

from providers import registry
from providers.contract import Provider
from providers.error_meanings import SHARED_MEANINGS, Meaning

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

# The local engine's adapter leaves the engine's finer code at the end of its message.
FINER = re.compile(r"\((\w+)\)$")


class Remedy(NamedTuple):
    title: StrOrPromise
    help: StrOrPromise
    retry: bool


_REMEDIES = {
    "input": Remedy(
        _("A photo cannot be used"),
        _("The same photo will fail again. Replace it in the library and launch it anew."),
        False,
    ),
    "content": Remedy(
        _("Refused by content inspection"),
        _("The same photo will be refused again, so this is not retried."),
        False,
    ),
    "account": Remedy(
        _("The provider account needs attention"),
        _("Check its key, balance and permissions, resume the account, then try again."),
        True,
    ),
    "throttled": Remedy(
        _("The provider was too busy"), _("Try again later, when its load is lower."), True
    ),
    "transient": Remedy(_("The provider had a fault"), _("This usually passes: try again."), True),
    "unsupported": Remedy(
        _("The provider cannot do this"),
        _("Launch it with another provider or another recipe."),
        False,
    ),
}
_OTHER = Remedy(_("The try-on did not succeed"), _("Look at the message, then try again."), True)
ATTENTION = Remedy(
    _("The provider never answered"),
    _(
        "The call may have been charged, so it is not repeated by itself. Look for the task in the "
        "provider’s console; if it is not there, give up here and try again."
    ),
    False,
)


def remedy(kind: str) -> Remedy:
    return _REMEDIES.get(kind, _OTHER)


def retryable_kinds() -> list[str]:
    """Kinds of error for which the same job may succeed next time."""
    return ["", *(kind for kind, known in _REMEDIES.items() if known.retry)]


def another_launch_helps(kind: str) -> bool:
    """Whether another provider, recipe or photo may succeed; policy is the same everywhere."""
    return kind != "content"


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
    entries = (*(entry for backend in backends for entry in backend.error_help), *SHARED_MEANINGS)
    found = [
        ((entry.kind == kind, not set("*[") & set(pattern), len(pattern)), entry)
        for entry in entries
        for pattern in entry.codes.split()
        if fnmatchcase(_comparable(code), _comparable(pattern))
    ]
    return max(found, key=lambda pair: pair[0])[1] if found else None


def _comparable(code: str) -> str:
    return code.lower().replace("_", "").replace(" ", "")
