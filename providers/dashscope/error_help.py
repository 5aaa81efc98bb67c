"""What DashScope's error codes say to a person; the codes' source stands in errors.py."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from providers import error_meanings as shared
from providers.error_meanings import AGAIN, NO_USE, NOT_THE_PHOTO, Meaning

ERROR_HELP = (
    # --- the photos
    shared.NOT_ONE_PERSON.for_codes("InvalidPerson InvalidFile.NoHuman"),
    shared.NOT_FRONTAL.for_codes("InvalidFile.FrontBody InvalidFile.FacePose"),
    shared.BODY_NOT_SEEN.for_codes("InvalidFile.BodyProportion InvalidFile.FullFace"),
    shared.NO_GARMENT.for_codes("InvalidGarment"),
    shared.WRONG_SIZE.for_codes("InvalidInputLength InvalidFile.Resolution"),
    shared.RULES_NOT_MET.for_codes("InvalidFile* InvalidFile.Value InvalidFile.Content"),
    shared.FILE_UNREADABLE.for_codes(
        "InvalidParameter.DataInspection BadRequest.UnsupportedFileFormat"
    ),
    shared.NOT_FETCHED.for_codes(
        "InvalidURL* invalid_parameter_error InternalError* InvalidFile.DownloadFailed "
        "BadRequest.InputDownloadFailed"
    ),
    # --- the request
    shared.NOT_UNDERSTOOD.for_codes(
        "InvalidParameter* BadRequest* BadRequest.TooLarge UnsupportedOperation Conflict"
    ),
    Meaning(
        "input", _("This part cannot be cut out"), NOT_THE_PHOTO, "InvalidParameter.ClothesType"
    ),
    # --- content
    shared.INSPECTION_FAILED.for_codes("DataInspectionFailed"),
    Meaning(
        "content", _("Suspected of violating somebody’s rights"), NO_USE, "IPInfringementSuspect"
    ),
    Meaning(
        "content",
        _("Blocked by a rule of the provider’s"),
        NO_USE,
        "FaqRuleBlocked CustomRoleBlocked",
    ),
    # --- the account
    shared.NOT_PAID.for_codes("Arrearage p*BillOverdue CommodityNotPurchased"),
    shared.QUOTA_USED.for_codes(
        "AllocationQuota.FreeTierOnly Throttling.AllocationQuota insufficient_quota"
    ),
    shared.KEY_NOT_ACCEPTED.for_codes("InvalidApiKey NOT_AUTHORIZED"),
    shared.NOT_PERMITTED.for_codes("*AccessDenied* AccessDenied.Unpurchased"),
    shared.NO_SUCH_MODEL.for_codes("Model*NotFound Model.NotExist WorkSpaceNotFound NotFound"),
    # --- what passes
    shared.TOO_BUSY.for_codes("Throttling* limit* insufficient_quota"),
    Meaning(
        "transient", _("The provider was too slow to fetch a photo"), AGAIN, "InvalidParameter*"
    ),
    shared.TOOK_TOO_LONG.for_codes("RequestTimeOut ResponseTimeout InternalError.Timeout"),
    shared.PROVIDER_FAULT.for_codes("InternalError* SystemError ModelServiceFailed"),
    shared.NOT_REACHED.for_codes("ModelUnavailable ServiceUnavailable"),
    Meaning(
        "transient", _("The photo could not be handed over"), AGAIN, "upload_policy_unreadable"
    ),
)
