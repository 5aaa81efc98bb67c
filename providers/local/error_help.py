"""What the local engine's codes say to a person.

Its adapter sends the codes that DashScope has for the same, and ends the message with the
engine’s finer one.
"""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from providers import error_meanings as shared
from providers.error_meanings import ANOTHER_GARMENT, Meaning

ERROR_HELP = (
    # --- the person
    shared.NOT_ONE_PERSON.for_codes("InvalidPerson no_person"),
    Meaning(
        "input",
        _("There are several persons in the photo"),
        _("Crop it to one of them."),
        "several_persons",
    ),
    Meaning(
        "input",
        _("The person is too small in the photo"),
        _("Crop it closer to the person."),
        "person_too_small",
    ),
    shared.NOT_FRONTAL.for_codes("not_frontal"),
    shared.BODY_NOT_SEEN.for_codes("body_not_visible lower_body_not_visible"),
    # --- the garment
    shared.NO_GARMENT.for_codes("InvalidGarment garment_not_found"),
    Meaning(
        "input",
        _("The garment’s background is not plain"),
        ANOTHER_GARMENT,
        "garment_background_not_plain",
    ),
    Meaning(
        "input",
        _("The garment’s shape was not understood"),
        _("Photograph it flat, upright and unfolded."),
        "garment_shape_unsupported",
    ),
    Meaning(
        "input", _("A person wears the garment in its photo"), ANOTHER_GARMENT, "garment_has_person"
    ),
    Meaning(
        "input",
        _("These garments cannot be worn together"),
        _("Launch a top, a bottom, both, or one dress."),
        "outfit_unsupported",
    ),
    # --- the file
    shared.WRONG_SIZE.for_codes("InvalidInputLength image_too_small"),
    shared.FILE_UNREADABLE.for_codes("image_unreadable"),
    shared.NOT_FETCHED.for_codes("InvalidURL"),
)
