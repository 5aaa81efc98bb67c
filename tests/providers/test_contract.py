"""Every adapter in its own bytes, through the one contract."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer

import engine
from providers.aidge.adapter import Aidge
from providers.aliyun_market.adapter import AliyunMarket
from providers.contract import Outcome, TryOnRequest
from providers.dashscope.adapter import DashScope
from providers.local.adapter import Local
from tests.providers import aidge_calls, aliyun_market_calls, dashscope_calls
from tests.providers.contract import (
    RESULT,
    Contract,
    FakeAnswer,
    TaskContract,
    check,
    serve_answers,
)
from tests.providers.dashscope_calls import image, one


def test_it_works(httpserver: HTTPServer) -> None:
    """The contract notices what it is there for."""
    serve_answers(httpserver, TestDashScope.succeeded)
    outcome = one(dashscope_calls.adapter(httpserver.url_for("")).poll(["t"]))
    check(outcome)
    for wrong in (
        {"images": ()},
        {"retry_after": float("inf")},
        {"usage": -1},
        {"raw": {"url": RESULT.format(0)}},
        {"raw": {"message": "\ud800"}},
        {"state": "done"},
    ):
        with pytest.raises((AssertionError, UnicodeEncodeError)):
            check(replace(outcome, **wrong))


# --- DashScope


def _dashscope(status: int, code: str, message: str) -> FakeAnswer:
    return FakeAnswer({"code": code, "message": message, "request_id": "r"}, status)


def _task(word: str, **output: Any) -> FakeAnswer:
    return FakeAnswer(
        {"output": {"task_id": "t-1", "task_status": word, **output}, "request_id": "r"}
    )


class DashScopeWords(Contract):
    secrets = (dashscope_calls.KEY,)
    throttled = _dashscope(429, "Throttling.RateQuota", "Requests rate limit exceeded")
    broken = _dashscope(500, "InternalError", "Internal server error!")
    refused = _dashscope(400, "InvalidPerson", "The input image has no human body")
    account = _dashscope(401, "InvalidApiKey", "Invalid API-key provided.")

    def adapter(self, root: str, **options: Any) -> DashScope:
        return dashscope_calls.adapter(root, **options)

    def answer_with_text(self, text: str) -> FakeAnswer:
        body = {"code": "InvalidURL", "message": text, "request_id": "r", "echo": [{"url": text}]}
        return FakeAnswer(body, 400, {"X-Request-Id": text.encode("ascii", "ignore").decode()})


class TestDashScope(DashScopeWords, TaskContract):
    accepted = _task("PENDING")
    pending = _task("PENDING")
    running = _task("RUNNING", submit_time="2025-06-30 14:37:53.838")
    unknown_word = _task("TOMORROWS-WORD")
    succeeded = FakeAnswer(
        {
            "output": {"task_id": "t-1", "task_status": "SUCCEEDED", "image_url": RESULT.format(0)},
            "usage": {"image_count": 1},
            "request_id": "r",
        }
    )
    failed_task = _task("FAILED", code="InvalidPerson", message="The input image has no human body")

    def request(self) -> TryOnRequest:
        return dashscope_calls.tryon()

    def unsupported(self) -> Sequence[TryOnRequest]:
        tryon = dashscope_calls.tryon
        return [
            tryon(model="no-such-model"),
            tryon("top", "dress"),
            tryon("hat"),
            replace(tryon(), garments={}),
            tryon(resolution=7),
            tryon(samples=2),
            tryon(person=image("person", "")),
        ]

    def test_an_unknown_task(self, httpserver: HTTPServer) -> None:
        assert self.polled(httpserver, _task("UNKNOWN")).state == "lost"

    def test_canceled(self, httpserver: HTTPServer) -> None:
        assert self.polled(httpserver, _task("CANCELED")).state == "canceled"

    @pytest.mark.parametrize("start", [b"", b"not http\r\n\r\n"])
    def test_a_cancel_that_failed(self, start: bytes) -> None:
        from tests.providers.test_dashscope_unanswered import raw_server

        with raw_server(start) as (root, _):
            assert self.adapter(root).cancel("t-1") is False


class TestDashScopeRefiner(TestDashScope):
    def request(self) -> TryOnRequest:
        return dashscope_calls.refine("top", "bottom")

    def unsupported(self) -> Sequence[TryOnRequest]:
        refine = dashscope_calls.refine
        return [
            refine(coarse=None),
            refine(gender=""),
            refine("bottom"),
            refine(resolution=1024),
            refine(coarse=image("coarse", "")),
        ]


class TestDashScopeParsing(DashScopeWords):
    """Synchronous: finished at once, with as many images as garments are worn."""

    accepted = FakeAnswer(
        {
            "output": {
                "parsing_img_url": [RESULT.format("p0"), RESULT.format("p1")],
                "crop_img_url": [RESULT.format(0), RESULT.format(1)],
                "bbox": [[1, 2, 3, 4], [1, 2, 3, 4]],
            },
            "usage": {"image_count": 1},
            "request_id": "r",
        }
    )
    partial = FakeAnswer(
        {
            "output": {"crop_img_url": [RESULT.format(0), None], "bbox": [[1, 2, 3, 4], None]},
            "usage": {"image_count": 1},
        }
    )

    def request(self) -> TryOnRequest:
        return dashscope_calls.parse("top", "bottom")

    def unsupported(self) -> Sequence[TryOnRequest]:
        parse = dashscope_calls.parse
        bare = image("person", "")
        return [parse(), parse("hat"), parse("top", "dress"), replace(parse("top"), person=bare)]

    def test_it_works(self, httpserver: HTTPServer) -> None:
        outcome = self.submitted(httpserver, self.accepted)
        assert (outcome.state, outcome.error, outcome.usage) == ("succeeded", None, 1)
        assert [(i.part, i.url) for i in outcome.images] == [
            ("top", RESULT.format(0)),
            ("bottom", RESULT.format(1)),
        ]

    def test_partial(self, httpserver: HTTPServer) -> None:
        outcome = self.submitted(httpserver, self.partial)
        assert (outcome.state, outcome.usage) == ("succeeded", 1)
        assert [i.part for i in outcome.images] == ["top"]

    @pytest.mark.parametrize("url", ["http://[oops", "://", "x" * 9000])
    def test_an_address_that_is_none(self, httpserver: HTTPServer, url: str) -> None:
        self.submitted(httpserver, FakeAnswer({"output": {"crop_img_url": [url, url]}}))


# --- Aliyun Market


def _market(status: int, code: int | str, message: str, **rest: Any) -> FakeAnswer:
    return FakeAnswer({"code": code, "message": message, "requestId": "r", **rest}, status)


def _subtasks(*tasks: Any) -> FakeAnswer:
    data = {"result_key": "k", "task_list": list(tasks)}
    return _market(200, 0, "success", data=data, severity="info", success=True)


MADE = {"status": "SUCCESS", "results": [RESULT.format(0), RESULT.format(1)]}


class TestAliyunMarket(TaskContract):
    secrets = (aliyun_market_calls.APPCODE,)
    remote_id = "k#0"
    images, usage = 2, 2
    accepted = _subtasks(*[{"status": "WAITING"}] * 3)
    throttled = _market(403, "23500004", "Request was denied due to request throttling")
    broken = _market(500, "23500000", "Internal server error")
    refused = _market(400, "23500007", "The uploaded image does not meet the requirements")
    account = _market(403, "23500003", "User credit points are exhausted")
    pending = _subtasks({"status": "WAITING"})
    running = _subtasks({"status": "RUNNING"})
    unknown_word = _subtasks({"status": "TOMORROWS_WORD"})
    succeeded = _subtasks(MADE)
    failed_task = _subtasks({"status": "FAILED", "code": "23500007", "message": "unfit"})

    def adapter(self, root: str, **options: Any) -> AliyunMarket:
        return aliyun_market_calls.adapter(root, **options)

    def request(self) -> TryOnRequest:
        return aliyun_market_calls.tryon()

    def unsupported(self) -> Sequence[TryOnRequest]:
        tryon = aliyun_market_calls.tryon
        return [
            tryon(model="no-such-model"),
            tryon("top", "dress"),
            tryon(photo_type="drawn"),
            tryon(samples=2),
            tryon(resolution=1024),
            tryon(person=image("person", "")),
        ]

    def answer_with_text(self, text: str) -> FakeAnswer:
        body = {"code": "23500006", "message": text, "requestId": text, "success": False}
        return FakeAnswer(body, 400, {"X-Ca-Error-Message": text, "X-Ca-Request-Id": text})

    def test_partial(self, httpserver: HTTPServer) -> None:
        serve_answers(httpserver, _subtasks(MADE, {"status": "FAILED"}, {"status": "RUNNING"}))
        ids = ["k#1", "k#0", "k#2"]
        outcomes = self.adapter(httpserver.url_for("")).poll(ids)
        assert len(httpserver.log) == 1
        assert [outcome.remote_id for outcome in outcomes] == ids
        assert [outcome.state for outcome in outcomes] == ["failed", "succeeded", "running"]
        for outcome in outcomes:
            check(outcome, self.secrets)
        assert (outcomes[0].usage, outcomes[1].usage) == (None, 2)

    def test_the_gateways_error_code(self, httpserver: HTTPServer) -> None:
        """An answer without a body: its headers tell."""
        answer = FakeAnswer("", 403, {"X-Ca-Error-Message": "Throttled by API Flow Control"})
        assert self.failed(self.submitted(httpserver, answer)) == ("throttled", "no")


# --- Aidge


def _aidge(code: int, message: str) -> FakeAnswer:
    return FakeAnswer({"resCode": code, "resMessage": message, "success": code == 200, "code": "0"})


def _word(word: str, **data: Any) -> FakeAnswer:
    body = {"code": "0", "resCode": 200, "success": True, "requestId": "r"}
    return FakeAnswer({**body, "data": {"taskStatus": word, "taskId": "t-1", **data}})


def _part(word: str, *urls: str) -> dict[str, Any]:
    images = [{"imageUrl": url, "clothes": url} for url in urls]
    return {"taskStatus": word, "taskResult": {"result": {"imageList": images}}}


class TestAidge(TaskContract):
    secrets = (aidge_calls.SECRET, "A" * 64)
    images, usage = 2, 2
    accepted = FakeAnswer(
        {"code": "0", "data": {"result": {"taskId": "t-1"}}, "resCode": 200, "success": True}
    )
    throttled = _aidge(501, "rate limit exceed")
    broken = _aidge(500, "system error")
    refused = _aidge(703, "Input clothes image resoulution low, please try other image")
    account = FakeAnswer(
        {"type": "ISV", "code": "InvalidAppKey", "message": "x", "request_id": "r"}
    )
    pending = _word("submitted")
    running = _word("running")
    unknown_word = _word("tomorrows-word")
    succeeded = _word(
        "finished", taskResult=[_part("finished", RESULT.format(0), RESULT.format(1))]
    )
    failed_task = FakeAnswer(
        {
            "code": "0",
            "resCode": 703,
            "resMessage": "Input clothes image resoulution low, please try other image",
            "data": {"taskStatus": "failed", "taskId": "t-1"},
        }
    )

    def adapter(self, root: str, **options: Any) -> Aidge:
        return aidge_calls.adapter(root, **options)

    def request(self) -> TryOnRequest:
        return aidge_calls.tryon()

    def unsupported(self) -> Sequence[TryOnRequest]:
        tryon = aidge_calls.tryon
        return [
            tryon(model="no-such-model"),
            tryon("bottom"),
            tryon(garments={}),
            tryon(garments={"top": aidge_calls.worn()}),
            tryon(samples=9),
            tryon(resolution=1024),
            tryon(person=image("person", "")),
        ]

    def answer_with_text(self, text: str) -> FakeAnswer:
        body = {"resCode": 701, "resMessage": text, "requestId": text, "echo": {"data": [text]}}
        return FakeAnswer(body, 200)

    def test_partial(self, httpserver: HTTPServer) -> None:
        """What was made is paid for, also where another part failed."""
        parts = [_part("failed"), _part("finished", RESULT.format(0))]
        outcome = self.polled(httpserver, _word("failed", taskResult=parts))
        assert (outcome.state, outcome.usage) == ("succeeded", 1)
        assert [i.url for i in outcome.images] == [RESULT.format(0)]

    def test_json_text_however_deep(self, httpserver: HTTPServer) -> None:
        self.polled(httpserver, _word("finished", taskResult="[" * 900 + "]" * 900))

    def test_the_outcome_has_no_signed_address(self, httpserver: HTTPServer) -> None:
        self.submitted(httpserver, self.accepted)
        signature = httpserver.log[0][0].args["sign"]
        httpserver.clear()
        outcome = self.submitted(httpserver, self.answer_with_text(f"bad sign {signature}"))
        check(outcome, [signature])


# --- the local engine: no wire, so the cases that apply


class TestLocal:
    @pytest.fixture(autouse=True)
    def _engine(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Its own tests run it; here it answers at once, and refuses a photo named "nobody"."""

        def made(person: bytes, *_: Any, **__: Any) -> engine.Picture:
            if person.startswith(b"nobody"):
                raise engine.Refusal("no_person", "No person was found.")
            return engine.Picture(b"jpeg", 3, 4, ("warp_folded",))

        def parsed(person: bytes, parts: Sequence[str], **_: Any) -> list[engine.Crop | None]:
            made(person)
            return [
                engine.Crop(b"png", b"jpeg", (0, 0, 1, 1)) if p == "top" else None for p in parts
            ]

        monkeypatch.setattr(engine, "tryon", made)
        monkeypatch.setattr(engine, "refine", lambda coarse, person: made(person))
        monkeypatch.setattr(engine, "parse", parsed)

    @pytest.fixture
    def local(self, tmp_path: Path) -> Local:
        return Local(cache_dir=str(tmp_path), cores=1)

    def requests(self, **changes: Any) -> list[TryOnRequest]:
        return [
            dashscope_calls.tryon(**{"model": "local", **changes}),
            dashscope_calls.refine(**{"model": "local-refiner", **changes}),
            replace(
                dashscope_calls.parse("top", "bottom"), **{"model": "local-parsing", **changes}
            ),
        ]

    def kind_and_sent(self, outcome: Outcome) -> tuple[str, str]:
        check(outcome)
        assert outcome.error is not None
        return outcome.error.kind, outcome.error.sent

    def test_it_works(self, local: Local) -> None:
        """Finished at once, each in its place."""
        outcomes = local.submit(self.requests())
        for outcome in outcomes:
            check(outcome)
            assert (outcome.state, outcome.usage, outcome.remote_id) == ("succeeded", 1, "")
            assert [i.data for i in outcome.images] == [b"jpeg"]
        assert [i.part for i in outcomes[2].images] == ["top"]  # partial: no bottom was found
        assert outcomes[0].warnings

    def test_failed(self, local: Local) -> None:
        for request in self.requests(person=image("nobody")):
            assert self.kind_and_sent(one(local.submit([request]))) == ("input", "yes")

    def test_one_outcome_per_request_in_order(self, local: Local) -> None:
        good, bad = self.requests()[0], self.requests(person=image("nobody"))[0]
        states = [outcome.state for outcome in local.submit([good, bad, good])]
        assert states == ["succeeded", "failed", "succeeded"]
        assert local.submit([]) == []

    def test_unsupported(self, local: Local, monkeypatch: pytest.MonkeyPatch) -> None:
        def never(*_: Any, **__: Any) -> None:
            raise AssertionError("the engine was asked")

        for name in ("tryon", "refine", "parse"):
            monkeypatch.setattr(engine, name, never)
        tryon, refine, parse = self.requests()
        unsupported = [
            replace(tryon, model="no-such-model"),
            replace(tryon, model="local-refiner"),
            replace(tryon, samples=2),
            replace(tryon, garments={}),
            replace(tryon, garments={"hat": image("hat")}),
            replace(refine, coarse=None),
            replace(parse, parts=()),
            replace(parse, parts=("hat",)),
        ]
        for request in unsupported:
            assert self.kind_and_sent(one(local.submit([request]))) == ("unsupported", "no"), (
                request
            )

    def test_a_photo_that_cannot_be_read(self, local: Local) -> None:
        def gone() -> bytes:
            raise FileNotFoundError("/srv/media/secret-name.jpg")

        for request in self.requests(person=replace(image("person"), read=gone)):
            assert self.kind_and_sent(one(local.submit([request]))) == ("transient", "no")

    def test_nothing_is_remembered(self, local: Local) -> None:
        assert [outcome.state for outcome in local.poll(["a", "b"])] == ["lost", "lost"]
