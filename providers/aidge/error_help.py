"""What Aidge's error codes say to a person; the codes' source stands in errors.py."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from providers import error_meanings as shared
from providers.error_meanings import ANOTHER_GARMENT, Meaning

ERROR_HELP = (
    Meaning("input", _("The garment is not laid flat as a whole"), ANOTHER_GARMENT, "707"),
    shared.WRONG_SIZE.for_codes("703"),
    shared.NOT_FETCHED.for_codes("701"),
    shared.NOT_UNDERSTOOD.for_codes("700 missing* invalidparam* isv"),
    shared.INSPECTION_FAILED.for_codes("1000 1001 1002"),
    shared.KEY_NOT_ACCEPTED.for_codes("*signature* *timestamp* *appkey*"),
    shared.NOT_PERMITTED.for_codes("*permission* *whiteip*"),
    shared.TOO_BUSY.for_codes("501 *limit"),
    shared.PROVIDER_FAULT.for_codes("500 801 isp system"),
)
