"""What each known error code says to a person, and what helps: the table behind `catalogue`.

Codes are the providers' own (the documents they come from are named in each adapter's errors
module), the engine's and ours. `*` and `[…]` match as in a file name; case, `_` and spaces do not
count. The same code may stand twice where its kind tells its meanings apart.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class Meaning(NamedTuple):
    kind: str
    codes: str
    title: StrOrPromise
    help: StrOrPromise


ANOTHER_PERSON = _("Use a photo of one upright, well lit person seen from the front.")
ANOTHER_GARMENT = _("Use a photo of the garment alone, flat and whole on a plain ground.")
NOT_THE_PHOTO = _("The photo is not at fault: tell whoever runs this site, with the code below.")
OPERATOR = _("Whoever runs this site must settle it with the provider; then resume the account.")
NO_USE = _("The same photo will be refused again, so this is not retried.")
AGAIN = _("This usually passes: try again.")
LATER = _("It was slowed down by itself. Try again later, when the load is lower.")
DECIDE = _("It may have been charged. Look in the provider’s console, then give up and try again.")

MEANINGS = (
    # --- photos: the person
    Meaning(
        "input",
        "InvalidPerson no_person InvalidFile.NoHuman",
        _("Not exactly one person was found"),
        ANOTHER_PERSON,
    ),
    Meaning(
        "input",
        "several_persons",
        _("There are several persons in the photo"),
        _("Crop it to one of them."),
    ),
    Meaning(
        "input",
        "person_too_small",
        _("The person is too small in the photo"),
        _("Crop it closer to the person."),
    ),
    Meaning(
        "input",
        "not_frontal InvalidFile.FrontBody InvalidFile.FacePose",
        _("The person is not seen from the front"),
        ANOTHER_PERSON,
    ),
    Meaning(
        "input",
        "body_not_visible lower_body_not_visible InvalidFile.BodyProportion InvalidFile.FullFace",
        _("Not all of the body that is needed can be seen"),
        _("Use a full-length photo with nothing in front of the body."),
    ),
    # --- photos: the garment
    Meaning(
        "input", "InvalidGarment garment_not_found", _("No garment was found"), ANOTHER_GARMENT
    ),
    Meaning("input", "707", _("The garment is not laid flat as a whole"), ANOTHER_GARMENT),
    Meaning(
        "input",
        "garment_background_not_plain",
        _("The garment’s background is not plain"),
        ANOTHER_GARMENT,
    ),
    Meaning(
        "input",
        "garment_shape_unsupported",
        _("The garment’s shape was not understood"),
        _("Photograph it flat, upright and unfolded."),
    ),
    Meaning(
        "input", "garment_has_person", _("A person wears the garment in its photo"), ANOTHER_GARMENT
    ),
    Meaning(
        "input",
        "outfit_unsupported",
        _("These garments cannot be worn together"),
        _("Launch a top, a bottom, both, or one dress."),
    ),
    # --- photos: the file
    Meaning(
        "input",
        "InvalidInputLength image_too_small 703 InvalidFile.Resolution",
        _("The photo’s size does not fit"),
        _("Replace it by one with sides between 500 and 3000 pixels and at most 5 MB."),
    ),
    Meaning(
        "input",
        "23500007 InvalidFile* InvalidFile.Value InvalidFile.Content",
        _("The photo does not meet the provider’s rules"),
        _("Replace it: one whole person or garment, sharp, well lit, in front of a plain ground."),
    ),
    Meaning(
        "input",
        "InvalidParameter.DataInspection BadRequest.UnsupportedFileFormat image_unreadable",
        _("The photo’s file cannot be read"),
        _("Save it anew as JPEG or PNG and replace it in the library."),
    ),
    Meaning(
        "input",
        "InvalidURL* invalid_parameter_error 23500006 701 InternalError* "
        "InvalidFile.DownloadFailed BadRequest.InputDownloadFailed",
        _("The provider could not fetch a photo"),
        _(
            "If other photos fail too, the delivery of images needs the attention of whoever "
            "runs this site."
        ),
    ),
    Meaning(
        "unsupported",
        "image_not_reachable",
        _("The provider cannot fetch photos from here"),
        _("Whoever runs this site must set a public address, a bucket, or uploads."),
    ),
    # --- the request
    Meaning(
        "input",
        "InvalidParameter* BadRequest* BadRequest.TooLarge UnsupportedOperation "
        "Conflict 700 missing* invalidparam* isv 23500009 23500012 23500013 "
        "i[0-9][0-9][0-9]*",
        _("The provider did not understand the request"),
        NOT_THE_PHOTO,
    ),
    Meaning(
        "input", "InvalidParameter.ClothesType", _("This part cannot be cut out"), NOT_THE_PHOTO
    ),
    Meaning(
        "unsupported",
        "unsupported",
        _("The provider cannot do this"),
        _("Launch it with another provider or another recipe."),
    ),
    # --- content
    Meaning(
        "content",
        "DataInspectionFailed 23500005 1000 1001 1002",
        _("Refused by content inspection"),
        NO_USE,
    ),
    Meaning(
        "content", "IPInfringementSuspect", _("Suspected of violating somebody’s rights"), NO_USE
    ),
    Meaning(
        "content",
        "FaqRuleBlocked CustomRoleBlocked",
        _("Blocked by a rule of the provider’s"),
        NO_USE,
    ),
    # --- the account
    Meaning(
        "account",
        "Arrearage p*BillOverdue CommodityNotPurchased B403OD B403MO B403ME B403MI",
        _("The provider account is not paid for"),
        OPERATOR,
    ),
    Meaning(
        "account",
        "AllocationQuota.FreeTierOnly Throttling.AllocationQuota insufficient_quota "
        "23500003 B403MQ",
        _("The provider account’s quota is used up"),
        OPERATOR,
    ),
    Meaning(
        "account",
        "InvalidApiKey NOT_AUTHORIZED 23500001 *signature* *timestamp* *appkey* "
        "[ab][0-9][0-9][0-9]*",
        _("The provider does not accept our key"),
        OPERATOR,
    ),
    Meaning(
        "account",
        "*AccessDenied* *permission* *whiteip* AccessDenied.Unpurchased i403*",
        _("The provider account may not do this"),
        OPERATOR,
    ),
    Meaning(
        "account",
        "Model*NotFound Model.NotExist WorkSpaceNotFound NotFound 23500002 23500014 i404* i410*",
        _("The provider has no such model or address"),
        OPERATOR,
    ),
    # --- what passes
    Meaning(
        "throttled",
        "Throttling* limit* *limit insufficient_quota 501 23500004 t[0-9][0-9][0-9]*",
        _("The provider was too busy"),
        LATER,
    ),
    Meaning(
        "transient", "InvalidParameter*", _("The provider was too slow to fetch a photo"), AGAIN
    ),
    Meaning(
        "transient",
        "RequestTimeOut ResponseTimeout InternalError.Timeout *Timeout",
        _("The provider took too long"),
        AGAIN,
    ),
    Meaning(
        "transient",
        "InternalError* SystemError ModelServiceFailed 500 801 isp system "
        "23500000 23500011 TaskFailed adapter_fault i400nc unreadable_answer result_missing",
        _("The provider had a fault"),
        AGAIN,
    ),
    Meaning(
        "transient",
        "ModelUnavailable ServiceUnavailable [dx][0-9][0-9][0-9]* ConnectionError",
        _("The provider could not be reached"),
        AGAIN,
    ),
    Meaning(
        "transient", "upload_policy_unreadable", _("The photo could not be handed over"), AGAIN
    ),
    Meaning(
        "transient",
        "storage_unreachable image_unreadable",
        _("The photos could not be read for a moment"),
        AGAIN,
    ),
    # --- ours
    Meaning(
        "transient",
        "result_unreadable",
        _("The result could not be fetched yet"),
        _("It is tried again by itself for as long as the provider keeps it."),
    ),
    Meaning(
        "transient",
        "result_lost",
        _("The result is lost"),
        _("The provider deleted it before it could be fetched. Trying again is charged again."),
    ),
    Meaning(
        "transient",
        "storage_failed",
        _("The result could not be stored"),
        _("The disk or bucket of this site is full or gone. Try again when it is back."),
    ),
    Meaning(
        "input",
        "file_unreadable",
        _("A photo of the library cannot be read"),
        _("Its file is gone or damaged: replace it in the library and launch it anew."),
    ),
    Meaning(
        "transient",
        "quarantined",
        _("It stopped its worker again and again"),
        _("Set aside for safety. Try other photos, or once more if the machine was at fault."),
    ),
    Meaning("", "canceled", _("The provider cancelled it"), AGAIN),
    # --- a person must decide
    Meaning("", "provider_forgot 23500008", _("The provider no longer knows this task"), DECIDE),
    Meaning("", "overdue", _("The provider has not finished for hours"), DECIDE),
    Meaning("", "not_reconciled", _("Nobody knows what became of the call"), DECIDE),
)
