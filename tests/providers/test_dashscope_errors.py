"""Every row of the documented error tables, by its literal code and message."""

from __future__ import annotations

import pytest
from pytest_httpserver import HTTPServer

from providers.dashscope.errors import kind_of
from tests.providers.dashscope_calls import adapter, failure, one, tryon
from tests.providers.test_dashscope_wire import answering

WRONG_FORMAT = (
    "The request is missing required parameters or in a wrong format, please check the parameters "
    "that you send."
)
BAD_URL = (
    "The request URL is invalid, please check the request URL is available and the request image "
    "format is one of the following types: JPEG, JPG, PNG, BMP, and WEBP."
)
NOBODY = (
    "The input image has no human body or multi human bodies. Please upload other image with "
    "single person."
)
BAD_SIZE = (
    "The image resolution is invalid, please make sure that the largest length of image is smaller "
    "than 4096, and the smallest length of image is larger than 150. and the size of image ranges "
    "from 5KB to 5MB."
)
BAD_SIZE_OLD = (
    "The image resolution is invalid,  please make sure that the largest length of image is "
    "smaller than 4096, and the smallest length of image is larger than 150. and the size of image "
    "ranges from 5kb to 5mb"
)
SLOW = "Download the media resource timed out during the data inspection process."
UNLOADED = "Unable to download the media resource during the data inspection process."
BAD_MEDIA = "The media format is not supported or incorrect for the data inspection."
NO_GARMENT = "Missing clothing image.Please input at least one top garment or bottom garment image."
CONTENT = "Input or output data may contain inappropriate content."

# The tables of the refiner reference, the quick start and the aitryon-plus reference.
REFERENCE = [
    (401, "InvalidApiKey", "Invalid API-key provided.", "account"),
    (400, "InvalidParameter", WRONG_FORMAT, "input"),
    (400, "InvalidURL", BAD_URL, "input"),
    (400, "InvalidPerson", NOBODY, "input"),
    (400, "InvalidInputLength", BAD_SIZE, "input"),
    (400, "InvalidInputLength", BAD_SIZE_OLD, "input"),
    (
        400,
        "InvalidParameter",
        "The size of person image and coarse_image are not the same.",
        "input",
    ),
    (400, "InvalidParameter", SLOW, "transient"),
    (400, "InvalidGarment", NO_GARMENT, "input"),
]
# The general page on error codes.
GENERAL = [
    (400, "InvalidParameter", UNLOADED, "transient"),
    (400, "InvalidParameter.DataInspection", SLOW, "transient"),
    (400, "InvalidParameter.DataInspection", UNLOADED, "transient"),
    (400, "InvalidParameter.DataInspection", BAD_MEDIA, "input"),
    (400, "InvalidParameter", "Model not exist.", "input"),
    (400, "InvalidParameter.ClothesType", "The request parameter is invalid", "input"),
    (400, "invalid_parameter_error", "The provided URL does not appear to be valid", "input"),
    (400, "InvalidURL.ConnectionRefused", "x", "input"),
    (400, "InvalidURL.Timeout", "x", "input"),
    (400, "InvalidFile.NoHuman", "x", "input"),
    (400, "InvalidFile.DownloadFailed", "x", "input"),
    (400, "DataInspectionFailed", CONTENT, "content"),
    (400, "data_inspection_failed", "Output data may contain inappropriate content.", "content"),
    (400, "IPInfringementSuspect", "x", "content"),
    (400, "FaqRuleBlocked", "x", "content"),
    (400, "CustomRoleBlocked", "x", "content"),
    (400, "BadRequest.EmptyInput", "Required input parameter missing from request.", "input"),
    (400, "BadRequest.EmptyModel", 'Required parameter "model" missing from request.', "input"),
    (400, "Arrearage", "Access denied, please make sure your account is in good", "account"),
    (400, "UnsupportedOperation", "Failed to cancel the task", "input"),
    (401, "NOT AUTHORIZED", "x", "account"),
    (403, "AccessDenied", "current user api does not support synchronous calls.", "account"),
    (403, "access_denied", "Access denied.", "account"),
    (403, "AccessDenied.Unpurchased", "Access to model denied.", "account"),
    (403, "Model.AccessDenied", "Model access denied.", "account"),
    (403, "Workspace.AccessDenied", "Workspace access denied.", "account"),
    (403, "AllocationQuota.FreeTierOnly", "The free tier of the model is exhausted.", "account"),
    (404, "ModelNotFound", "Model can not be found.", "account"),
    (404, "model_not_found", "The model x does not exist", "account"),
    (404, "Model.NotExist", "x", "account"),
    (404, "WorkSpaceNotFound", "WorkSpace can not be found.", "account"),
    (404, "NotFound", "Not found!", "account"),
    (409, "Conflict", "", "input"),
    (413, "BadRequest.TooLarge", "Payload Too Large.", "input"),
    (415, "BadRequest.InputDownloadFailed", "Failed to download the input file.", "input"),
    (400, "BadRequest.UnsupportedFileFormat", "Input file format is not supported.", "input"),
    (429, "Throttling", "Requests throttling triggered.", "throttled"),
    (429, "Throttling.RateQuota", "Requests rate limit exceeded, please try again.", "throttled"),
    (429, "LimitRequests", "You exceeded your current requests list.", "throttled"),
    (429, "limit_requests", "You have exceeded your request limit.", "throttled"),
    (429, "Throttling.BurstRate", "Request rate increased too quickly.", "throttled"),
    (429, "limit_burst_rate", "x", "throttled"),
    (429, "Throttling.AllocationQuota", "Allocated quota exceeded, please increase", "throttled"),
    (429, "insufficient_quota", "Allocated quota exceeded", "throttled"),
    (429, "Throttling.AllocationQuota", "Free allocated quota exceeded.", "account"),
    (429, "insufficient_quota", "Free allocated quota exceeded.", "account"),
    (429, "CommodityNotPurchased", "Commodity has not purchased yet.", "account"),
    (429, "PrepaidBillOverdue", "The prepaid bill is overdue.", "account"),
    (429, "PostpaidBillOverdue", "The postpaid bill is overdue.", "account"),
    (408, "RequestTimeOut", "Request timed out, please try again later.", "transient"),
    (500, "RequestTimeOut", "Response timeout!", "transient"),
    (500, "InternalError", "Internal server error!", "transient"),
    (500, "InternalError.Algo", "inference internal error.", "transient"),
    (500, "InternalError.Algo", "Missing Content-Length of multimodal url.", "input"),
    (500, "InternalError.FileUpload", "oss upload error.", "transient"),
    (500, "InternalError.Upload", "Failed to upload result.", "transient"),
    (500, "InternalError.Timeout", "An internal timeout error has occured", "transient"),
    (500, "SystemError", "x", "transient"),
    (500, "ModelServiceFailed", "x", "transient"),
    (500, "ResponseTimeout", "x", "transient"),
    (503, "ModelUnavailable", "Model is unavailable, please try again later.", "transient"),
    (503, "ServiceUnavailable", "x", "transient"),
]
ROWS = [*REFERENCE, *GENERAL]
# Codes that nobody has documented go by the HTTP status.
UNLISTED = [
    (400, "input"),
    (401, "account"),
    (403, "account"),
    (422, "input"),
    (429, "throttled"),
    (500, "transient"),
    (200, "transient"),
    (None, "transient"),
]


@pytest.mark.parametrize(("status", "code", "message", "kind"), ROWS)
def test_it_works(httpserver: HTTPServer, status: int, code: str, message: str, kind: str) -> None:
    """At submit an explicit refusal proves that nothing began; a fault of the server does not."""
    answering(httpserver, {"code": code, "message": message, "request_id": "r"}, status)
    outcome = one(adapter(httpserver.url_for("/")).submit([tryon()]))
    sent = "maybe" if status in (408, 500, 503) else "no"
    assert failure(outcome) == (code, kind, sent)
    assert outcome.error is not None
    assert (outcome.error.status, outcome.error.message) == (status, " ".join(message.split()))


@pytest.mark.parametrize(("status", "code", "message", "kind"), ROWS)
def test_the_same_row_in_a_failed_task(
    httpserver: HTTPServer, status: int, code: str, message: str, kind: str
) -> None:
    output = {"task_id": "t", "task_status": "FAILED", "code": code, "message": message}
    answering(httpserver, {"request_id": "r", "output": output})
    outcome = one(adapter(httpserver.url_for("/")).poll(["t"]))
    assert failure(outcome) == (code, kind, "yes")


@pytest.mark.parametrize(("status", "kind"), UNLISTED)
def test_an_unlisted_code_goes_by_the_status(status: int | None, kind: str) -> None:
    assert kind_of("SomethingNew", "", status) == kind
