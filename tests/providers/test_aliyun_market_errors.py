"""Every row of the manual's status codes and of the gateway's, by its literal code and message."""

from __future__ import annotations

from typing import Any

import pytest
from pytest_httpserver import HTTPServer

from providers.aliyun_market.errors import kind_of
from tests.providers.aliyun_market_calls import adapter, tryon
from tests.providers.dashscope_calls import failure, one
from tests.providers.test_dashscope_wire import answering

NO_TOKEN = "Authorization required to perform current operation"
THROTTLED = "Request was denied due to request throttling"
FORBIDDEN = "The image did not pass the content compliance check"
UNREACHABLE = "The image url provided is invalid or non-accessible"
UNFIT = "The uploaded image does not meet the requirements"
NO_RECORDS = "No records found related to the specified resultKey parameter"

# The manual's table, without its row of success.
REFERENCE = [
    (500, "23500000", "Internal server error", "transient", "maybe"),
    (401, "23500001", NO_TOKEN, "account", "no"),
    (404, "23500002", "Specified service does not exist", "account", "no"),
    (403, "23500003", "User credit points are exhausted", "account", "no"),
    (403, "23500004", THROTTLED, "throttled", "no"),
    (403, "23500005", FORBIDDEN, "content", "no"),
    (400, "23500006", UNREACHABLE, "input", "no"),
    (400, "23500007", UNFIT, "input", "no"),
    (400, "23500008", NO_RECORDS, "input", "no"),
    (400, "23500009", "Required parameters cannot be empty", "input", "no"),
    (500, "23500011", "Job execution failed", "transient", "maybe"),
    (400, "23500012", "Required request body is missing", "input", "no"),
    (400, "23500013", "Illegal input parameter found", "input", "no"),
    (400, "23500014", "Illegal service name", "account", "no"),
]
# The gateway's newer instances: a code in a header, the body empty, the status in the code.
GATEWAY = [
    ("I400HD", "input", "no"),
    ("I400MH", "input", "no"),
    ("I400BD", "input", "no"),
    ("I400PA", "input", "no"),
    ("I400CT", "input", "no"),
    ("I413RL", "input", "no"),
    ("I413UL", "input", "no"),
    ("I405UM", "input", "no"),
    ("I400RU", "input", "no"),
    ("I403PT", "account", "no"),
    ("I400NC", "transient", "no"),
    ("I404DO", "account", "no"),
    ("I404NF", "account", "no"),
    ("I410GG", "account", "no"),
    ("A400AC", "account", "no"),
    ("A401AC", "account", "no"),
    ("A400MA", "account", "no"),
    ("A400IK", "account", "no"),
    ("A403IS", "account", "no"),
    ("I403AA", "account", "no"),
    ("A403EP", "account", "no"),
    ("A403IP", "account", "no"),
    ("B403MQ", "account", "no"),
    ("B403ME", "account", "no"),
    ("B403MI", "account", "no"),
    ("B403OD", "account", "no"),
    ("B403MO", "account", "no"),
    ("T429ID", "throttled", "no"),
    ("T429IN", "throttled", "no"),
    ("T429GR", "throttled", "no"),
    ("T429PA", "throttled", "no"),
    ("T429PR", "throttled", "no"),
    ("T429SR", "throttled", "no"),
    ("T429MR", "throttled", "no"),
    ("D504RE", "transient", "maybe"),
    ("D504IL", "transient", "maybe"),
    ("D504CO", "transient", "maybe"),
    ("D504CS", "transient", "maybe"),
    ("D504TO", "transient", "maybe"),
    ("X504TO", "transient", "maybe"),
    ("D502FC", "transient", "maybe"),
    ("D503BB", "transient", "maybe"),
    ("D503CB", "transient", "maybe"),
    ("X503BZ", "transient", "maybe"),
    ("X500ER", "transient", "maybe"),
    # Codes that are not listed go by their first letter.
    ("I400ZZ", "input", "no"),
    ("A499ZZ", "account", "no"),
    ("B400ZZ", "account", "no"),
    ("T403ZZ", "throttled", "no"),
    ("D400ZZ", "transient", "maybe"),
]
# Classic instances: no code, only a message, and 403 for nearly everything.
CLASSIC = [
    (403, "Quota Exhausted", "account"),
    (403, "Quota Expired", "account"),
    (403, "User Arrears", "account"),
    (403, "Unauthorized", "account"),
    (403, "Throttled by USER Flow Control", "throttled"),
    (403, "Throttled by APP Flow Control", "throttled"),
    (403, "Throttled by API Flow Control", "throttled"),
    (403, "Throttled by DOMAIN Flow Control", "throttled"),
    (400, "Invalid AppCode", "account"),
    (400, "Invalid AppKey", "account"),
    (400, "Empty Request Body", "input"),
    (400, "Invalid Request Body", "input"),
    (400, "Invalid Url", "account"),
    (400, "Nonce Used", "transient"),
]


@pytest.mark.parametrize(("status", "code", "message", "kind", "sent"), REFERENCE)
@pytest.mark.parametrize("as_number", [False, True])
def test_it_works(
    httpserver: HTTPServer,
    status: int,
    code: str,
    message: str,
    kind: str,
    sent: str,
    as_number: bool,
) -> None:
    """An error that refuses a call is told of each of its try-ons."""
    body: dict[str, Any] = {"code": int(code) if as_number else code, "message": message}
    answering(httpserver, {**body, "requestId": "r", "success": False}, status)
    outcomes = adapter(httpserver.url_for("/")).submit([tryon(), tryon("dress")])
    assert [failure(outcome) for outcome in outcomes] == [(code, kind, sent)] * 2
    assert outcomes[0].error is not None
    assert (outcomes[0].error.status, outcomes[0].error.message) == (status, message)
    assert outcomes[0].raw["requestId"] == "r"


@pytest.mark.parametrize(("code", "kind", "sent"), GATEWAY)
def test_the_gateways_codes(httpserver: HTTPServer, code: str, kind: str, sent: str) -> None:
    headers = {"X-Ca-Error-Code": code, "X-Ca-Error-Message": "why", "X-Ca-Request-Id": "r-1"}
    answering(httpserver, "", int(code[1:4]), **headers)
    outcome = one(adapter(httpserver.url_for("/")).submit([tryon()]))
    assert failure(outcome) == (code, kind, sent)
    assert outcome.error is not None
    assert outcome.error.message == "why"
    assert outcome.raw["x-ca-request-id"] == "r-1"


@pytest.mark.parametrize(("status", "message", "kind"), CLASSIC)
def test_classic_messages(httpserver: HTTPServer, status: int, message: str, kind: str) -> None:
    answering(httpserver, "", status, **{"X-Ca-Error-Message": message})
    outcome = one(adapter(httpserver.url_for("/")).submit([tryon()]))
    assert failure(outcome) == (f"http_{status}", kind, "no")
    assert outcome.error is not None
    assert outcome.error.message == message


@pytest.mark.parametrize(("code", "kind", "sent"), GATEWAY)
def test_a_gateway_error_proves_nothing_about_a_task(
    httpserver: HTTPServer, code: str, kind: str, sent: str
) -> None:
    answering(httpserver, "", int(code[1:4]), **{"X-Ca-Error-Code": code})
    outcome = one(adapter(httpserver.url_for("/")).poll(["k#0"]))
    assert failure(outcome) == (code, "transient" if kind == "input" else kind, "no")


def test_the_products_own_code_counts_before_the_gateways(httpserver: HTTPServer) -> None:
    answering(httpserver, {"code": "23500004"}, 403, **{"X-Ca-Error-Code": "D504TO"})
    outcome = one(adapter(httpserver.url_for("/")).submit([tryon()]))
    assert failure(outcome) == ("23500004", "throttled", "no")


@pytest.mark.parametrize(
    ("status", "kind"),
    [(400, "input"), (403, "account"), (429, "throttled"), (500, "transient"), (200, "transient")],
)
def test_an_unlisted_code_goes_by_the_status(status: int, kind: str) -> None:
    assert kind_of("23500099", "", status) == kind
