"""What a failure means in plain words, what helps, and whether simply trying again can help."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


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
