"""What the error codes of Aliyun Market and of its gateway say; their source is in errors.py."""

from __future__ import annotations

from providers import error_meanings as shared

ERROR_HELP = (
    shared.RULES_NOT_MET.for_codes("23500007"),
    shared.NOT_FETCHED.for_codes("23500006"),
    shared.NOT_UNDERSTOOD.for_codes("23500009 23500012 23500013 i[0-9][0-9][0-9]*"),
    shared.INSPECTION_FAILED.for_codes("23500005"),
    shared.NOT_PAID.for_codes("B403OD B403MO B403ME B403MI"),
    shared.QUOTA_USED.for_codes("23500003 B403MQ"),
    shared.KEY_NOT_ACCEPTED.for_codes("23500001 [ab][0-9][0-9][0-9]*"),
    shared.NOT_PERMITTED.for_codes("i403*"),
    shared.NO_SUCH_MODEL.for_codes("23500002 23500014 i404* i410*"),
    shared.TOO_BUSY.for_codes("23500004 t[0-9][0-9][0-9]*"),
    shared.PROVIDER_FAULT.for_codes("23500000 23500011 i400nc"),
    shared.NOT_REACHED.for_codes("[dx][0-9][0-9][0-9]*"),
    shared.TASK_UNKNOWN.for_codes("23500008"),
)
