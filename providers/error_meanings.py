"""What an error code means to a person: its shape, and the meanings that no single provider has.

A provider's own codes stand in its package; its adapter names them (`Provider.error_help`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class Meaning(NamedTuple):
    """What an error of this kind with one of these codes says, and what helps.

    `codes` are separated by spaces; `*` and `[…]` match as in a file name; case, `_` and spaces
    within a code do not count. A code may stand twice where its kind tells its meanings apart.
    Kind "" is of what a person must decide.
    """

    kind: str
    title: StrOrPromise
    help: StrOrPromise
    codes: str = ""

    def for_codes(self, codes: str) -> Meaning:
        """Return the same meaning for other codes."""
        return self._replace(codes=codes)


# --- what helps

ANOTHER_PERSON = _("Use a photo of one upright, well lit person seen from the front.")
ANOTHER_GARMENT = _("Use a photo of the garment alone, flat and whole on a plain ground.")
NOT_THE_PHOTO = _("The photo is not at fault: tell whoever runs this site, with the code below.")
OPERATOR = _("Whoever runs this site must settle it with the provider; then resume the account.")
NO_USE = _("The same photo will be refused again, so this is not retried.")
AGAIN = _("This usually passes: try again.")
LATER = _("It was slowed down by itself. Try again later, when the load is lower.")
DECIDE = _("It may have been charged. Look in the provider’s console, then give up and try again.")

# --- what several providers have codes for

NOT_ONE_PERSON = Meaning("input", _("Not exactly one person was found"), ANOTHER_PERSON)
NOT_FRONTAL = Meaning("input", _("The person is not seen from the front"), ANOTHER_PERSON)
BODY_NOT_SEEN = Meaning(
    "input",
    _("Not all of the body that is needed can be seen"),
    _("Use a full-length photo with nothing in front of the body."),
)
NO_GARMENT = Meaning("input", _("No garment was found"), ANOTHER_GARMENT)
WRONG_SIZE = Meaning(
    "input",
    _("The photo’s size does not fit"),
    _("Replace it by one with sides between 500 and 3000 pixels and at most 5 MB."),
)
RULES_NOT_MET = Meaning(
    "input",
    _("The photo does not meet the provider’s rules"),
    _("Replace it: one whole person or garment, sharp, well lit, in front of a plain ground."),
)
FILE_UNREADABLE = Meaning(
    "input",
    _("The photo’s file cannot be read"),
    _("Save it anew as JPEG or PNG and replace it in the library."),
)
NOT_FETCHED = Meaning(
    "input",
    _("The provider could not fetch a photo"),
    _(
        "If other photos fail too, the delivery of images needs the attention of whoever "
        "runs this site."
    ),
)
NOT_UNDERSTOOD = Meaning("input", _("The provider did not understand the request"), NOT_THE_PHOTO)
INSPECTION_FAILED = Meaning("content", _("Refused by content inspection"), NO_USE)
NOT_PAID = Meaning("account", _("The provider account is not paid for"), OPERATOR)
QUOTA_USED = Meaning("account", _("The provider account’s quota is used up"), OPERATOR)
KEY_NOT_ACCEPTED = Meaning("account", _("The provider does not accept our key"), OPERATOR)
NOT_PERMITTED = Meaning("account", _("The provider account may not do this"), OPERATOR)
NO_SUCH_MODEL = Meaning("account", _("The provider has no such model or address"), OPERATOR)
TOO_BUSY = Meaning("throttled", _("The provider was too busy"), LATER)
TOOK_TOO_LONG = Meaning("transient", _("The provider took too long"), AGAIN)
PROVIDER_FAULT = Meaning("transient", _("The provider had a fault"), AGAIN)
NOT_REACHED = Meaning("transient", _("The provider could not be reached"), AGAIN)
TASK_UNKNOWN = Meaning("", _("The provider no longer knows this task"), DECIDE)

# --- what no provider sends: codes of ours, and of the connection

SHARED_MEANINGS = (
    Meaning(
        "unsupported",
        _("The provider cannot fetch photos from here"),
        _("Whoever runs this site must set a public address, a bucket, or uploads."),
        "image_not_reachable",
    ),
    Meaning(
        "unsupported",
        _("The provider cannot do this"),
        _("Launch it with another provider or another recipe."),
        "unsupported",
    ),
    TOOK_TOO_LONG.for_codes("*Timeout"),
    NOT_REACHED.for_codes("ConnectionError"),
    PROVIDER_FAULT.for_codes("TaskFailed adapter_fault unreadable_answer result_missing"),
    Meaning(
        "transient",
        _("The photos could not be read for a moment"),
        AGAIN,
        "storage_unreachable image_unreadable",
    ),
    Meaning(
        "transient",
        _("The result could not be fetched yet"),
        _("It is tried again by itself for as long as the provider keeps it."),
        "result_unreadable",
    ),
    Meaning(
        "transient",
        _("The result is lost"),
        _("The provider deleted it before it could be fetched. Trying again is charged again."),
        "result_lost",
    ),
    Meaning(
        "transient",
        _("The result could not be stored"),
        _("The disk or bucket of this site is full or gone. Try again when it is back."),
        "storage_failed",
    ),
    Meaning(
        "input",
        _("A photo of the library cannot be read"),
        _("Its file is gone or damaged: replace it in the library and launch it anew."),
        "file_unreadable",
    ),
    Meaning(
        "transient",
        _("It stopped its worker again and again"),
        _("Set aside for safety. Try other photos, or once more if the machine was at fault."),
        "quarantined",
    ),
    Meaning("", _("The provider cancelled it"), AGAIN, "canceled"),
    TASK_UNKNOWN.for_codes("provider_forgot"),
    Meaning("", _("The provider has not finished for hours"), DECIDE, "overdue"),
    Meaning("", _("Nobody knows what became of the call"), DECIDE, "not_reconciled"),
)
