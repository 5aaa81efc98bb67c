"""The official SDK, unmodified but for its base URL, so that more than our own client referees."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import requests
from pytest_httpserver import HTTPServer

from providers.contract import ImageRef, TryOnRequest
from providers.dashscope.adapter import DashScope
from sandbox import Sandbox
from tests.sandbox.calls import ASYNC, finished, hosted, picture

dashscope = pytest.importorskip("dashscope")
from dashscope.aigc.image_synthesis import ImageSynthesis  # noqa: E402
from dashscope.client.base_api import BaseApi, BaseAsyncApi  # noqa: E402
from dashscope.utils.oss_utils import OssUtils  # noqa: E402

KEY = "sk-0123456789abcdef"
RESOLVE = {"X-DashScope-OssResourceResolve": "enable"}
# How each client introduces itself and what the transport adds is no part of the protocol.
OWN_HEADERS = {"user-agent", "accept", "accept-encoding", "connection", "host", "content-length"}


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(task_seconds=0.05, instant=True) as running:
        yield running


def inputs(server: HTTPServer) -> dict[str, str]:
    url = hosted(server)
    return {"person_image_url": url, "top_garment_url": url}


def started(sandbox: Sandbox, server: HTTPServer, model: str = "aitryon-plus") -> Any:
    """A try-on by the SDK's own task layer, under all of its image calls."""
    return BaseAsyncApi.async_call(
        model=model,
        input=inputs(server),
        task_group="aigc",
        task="image2image",
        function="image-synthesis",
        api_key=KEY,
        base_address=sandbox.dashscope_url,
        resolution=-1,
        restore_face=True,
    )


def test_it_works(sandbox: Sandbox, httpserver: HTTPServer) -> None:
    task = ImageSynthesis.async_call(
        "aitryon-plus",
        "a prompt that this model has no use for",
        task="image2image",
        extra_input=inputs(httpserver),
        api_key=KEY,
        base_address=sandbox.dashscope_url,
    )
    assert (task.status_code, task.output.task_status) == (200, "PENDING"), task
    finished(sandbox, task.output.task_id, KEY)
    done = ImageSynthesis.wait(task, api_key=KEY, base_address=sandbox.dashscope_url)
    assert (done.output.task_status, done.usage.image_count) == ("SUCCEEDED", 1)
    assert requests.get(done.output["image_url"], timeout=5).status_code == 200


def test_the_second_client_of_the_sdk(sandbox: Sandbox, httpserver: HTTPServer) -> None:
    from dashscope.v2.resources._jobs import Jobs

    client = dashscope.Client(api_key=KEY, base_url=sandbox.dashscope_url, max_retries=0)
    jobs = Jobs(client, "aigc/image2image/image-synthesis")
    parameters = {"resolution": -1, "restore_face": True}
    job = jobs.create(model="aitryon", input=inputs(httpserver), parameters=parameters)
    finished(sandbox, job.task_id, KEY)
    done = jobs.wait(job, poll_interval=0.05)
    assert done.succeeded
    assert done.usage is not None
    assert done.output is not None
    assert job.task_id in done.output["image_url"]


def test_refine(sandbox: Sandbox, httpserver: HTTPServer) -> None:
    """The SDK makes a try-on, has its result refined and downloads what comes of it."""
    at = {"api_key": KEY, "base_address": sandbox.dashscope_url}
    coarse = started(sandbox, httpserver).output["task_id"]
    finished(sandbox, coarse, KEY)
    url = BaseAsyncApi.wait(coarse, **at).output["image_url"]
    refined = BaseAsyncApi.async_call(
        model="aitryon-refiner",
        input={**inputs(httpserver), "coarse_image_url": url},
        task_group="aigc",
        task="image2image",
        function="image-synthesis",
        gender="woman",
        **at,
    )
    assert (refined.status_code, refined.output["task_status"]) == (200, "PENDING"), refined
    finished(sandbox, refined.output["task_id"], KEY)
    done = BaseAsyncApi.wait(refined, **at)
    assert (done.output["task_status"], done.usage) == ("SUCCEEDED", {"image_count": 1})
    image = requests.get(done.output["image_url"], timeout=5)
    assert (image.status_code, image.headers["Content-Type"]) == (200, "image/jpeg")
    assert sandbox.ledger()["counters"]["billed_by_model"] == {
        "aitryon-plus": 1,
        "aitryon-refiner": 1,
    }


def test_list_and_cancel(httpserver: HTTPServer) -> None:
    with Sandbox(task_seconds=60, concurrency=1, instant=True) as sandbox:
        at = {"api_key": KEY, "base_address": sandbox.dashscope_url}
        _, waiting = [started(sandbox, httpserver).output["task_id"] for _ in range(2)]
        listed = BaseAsyncApi.list(model_name="aitryon-plus", status="PENDING", **at)
        assert [row["task_id"] for row in listed.output["data"]] == [waiting]
        assert BaseAsyncApi.cancel(waiting, **at).status_code == 200
        assert BaseAsyncApi.fetch(waiting, **at).output["task_status"] == "CANCELED"
        again = BaseAsyncApi.cancel(waiting, **at)
        assert (again.status_code, again.code) == (400, "UnsupportedOperation")


def test_refusals_reach_the_sdk(sandbox: Sandbox) -> None:
    answer = BaseAsyncApi.async_call(
        model="aitryon",
        input={"person_image_url": "http://h.example/1.jpg"},
        task_group="aigc",
        task="image2image",
        function="image-synthesis",
        api_key=KEY,
        base_address=sandbox.dashscope_url,
    )
    assert (answer.status_code, answer.code) == (400, "InvalidGarment")


def test_parsing(sandbox: Sandbox, httpserver: HTTPServer) -> None:
    answer = BaseApi.call(
        "aitryon-parsing-v1",
        {"image_url": hosted(httpserver)},
        "vision",
        "image-process",
        "process",
        KEY,
        base_address=sandbox.dashscope_url,
        clothes_type=["upper", "lower"],
    )
    assert answer.status_code == 200, answer
    assert len(answer.output["crop_img_url"]) == 2


def test_upload(sandbox: Sandbox, tmp_path: Path) -> None:
    """The SDK uploads; our own adapter's call then uses what it uploaded."""
    file = tmp_path / "person.jpg"
    file.write_bytes(picture())
    address, _ = OssUtils.upload("aitryon-plus", str(file), KEY, base_address=sandbox.dashscope_url)
    assert address.startswith("oss://")
    image = ImageRef("a" * 64, picture, address)
    wanted = TryOnRequest("tryon", "aitryon-plus", image, {"top": image})
    [outcome] = DashScope(api_key=KEY, base_url=sandbox.dashscope_url).submit([wanted])
    assert finished(sandbox, outcome.remote_id, KEY)["output"]["task_status"] == "SUCCEEDED"


def test_upload_and_try_on(sandbox: Sandbox, tmp_path: Path) -> None:
    """What the SDK uploads, the SDK wears: an address of its own, and the header for it."""
    file = tmp_path / "person.jpg"
    file.write_bytes(picture())
    address, _ = OssUtils.upload("aitryon-plus", str(file), KEY, base_address=sandbox.dashscope_url)
    task = BaseAsyncApi.async_call(
        model="aitryon-plus",
        input={"person_image_url": address, "top_garment_url": address},
        task_group="aigc",
        task="image2image",
        function="image-synthesis",
        api_key=KEY,
        base_address=sandbox.dashscope_url,
        headers=RESOLVE,
        resolution=-1,
        restore_face=True,
    )
    assert finished(sandbox, task.output["task_id"], KEY)["output"]["task_status"] == "SUCCEEDED"


# --- the same call by both clients


def sent(server: HTTPServer) -> dict[str, Any]:
    """The last request that the recording server got, without what is each client's own."""
    return sent_as(server.log[-1][0])


def sent_as(request: Any) -> dict[str, Any]:
    headers = {
        name.lower(): value
        for name, value in request.headers.items()
        if name.lower() not in OWN_HEADERS and not name.lower().startswith("x-dashscope-sdk-")
    }
    if "content-type" in headers:
        headers["content-type"] = headers["content-type"].partition(";")[0]
    return {
        "method": request.method,
        "path": request.path.rstrip("/"),
        "query": dict(request.args),
        "headers": headers,
        "body": request.get_json(silent=True) or request.get_data(),
    }


@pytest.fixture
def recorder(httpserver: HTTPServer) -> HTTPServer:
    answer = {"output": {"task_id": "t", "task_status": "PENDING"}, "data": [], "total_page": 0}
    httpserver.expect_request(re.compile(".*")).respond_with_json(answer)
    return httpserver


def both(server: HTTPServer) -> tuple[DashScope, dict[str, str]]:
    base = server.url_for("/api/v1")
    return DashScope(api_key=KEY, base_url=base), {"api_key": KEY, "base_address": base}


def test_the_same_submit(recorder: HTTPServer) -> None:
    adapter, sdk_options = both(recorder)
    url = "https://h.example/1.jpg"
    image = ImageRef("a", picture, url)
    adapter.submit([TryOnRequest("tryon", "aitryon-plus", image, {"top": image, "bottom": image})])
    mine = sent(recorder)
    BaseAsyncApi.async_call(
        model="aitryon-plus",
        input={"person_image_url": url, "top_garment_url": url, "bottom_garment_url": url},
        task_group="aigc",
        task="image2image",
        function="image-synthesis",
        resolution=-1,
        restore_face=True,
        **sdk_options,
    )
    assert mine == sent(recorder)
    assert mine["headers"]["x-dashscope-async"] == "enable"


def test_the_same_refine(recorder: HTTPServer) -> None:
    adapter, sdk_options = both(recorder)
    image = ImageRef("a", picture, "https://h.example/1.jpg")
    garments = {"top": image, "bottom": image}
    refine = TryOnRequest("refine", "aitryon-refiner", image, garments, coarse=image, gender="man")
    adapter.submit([refine])
    mine = sent(recorder)
    roles = ("person_image", "top_garment", "bottom_garment", "coarse_image")
    BaseAsyncApi.async_call(
        model="aitryon-refiner",
        input={f"{role}_url": image.url for role in roles},
        task_group="aigc",
        task="image2image",
        function="image-synthesis",
        gender="man",
        **sdk_options,
    )
    assert mine == sent(recorder)
    assert mine["headers"]["x-dashscope-async"] == "enable"


@pytest.mark.parametrize("parts", [("top",), ("bottom",), ("dress",), ("top", "bottom")])
def test_the_same_parse(recorder: HTTPServer, parts: tuple[str, ...]) -> None:
    adapter, sdk_options = both(recorder)
    image = ImageRef("a", picture, "https://h.example/1.jpg")
    adapter.submit([TryOnRequest("parse", "aitryon-parsing-v1", image, parts=parts)])
    mine = sent(recorder)
    words = {"top": "upper", "bottom": "lower", "dress": "dress"}
    BaseApi.call(
        "aitryon-parsing-v1",
        {"image_url": image.url},
        "vision",
        "image-process",
        "process",
        clothes_type=[words[part] for part in parts],
        **sdk_options,
    )
    assert mine == sent(recorder)
    assert "x-dashscope-async" not in mine["headers"]


def test_the_same_submit_with_an_uploaded_image_and_a_workspace(recorder: HTTPServer) -> None:
    _, sdk_options = both(recorder)
    adapter = DashScope(api_key=KEY, base_url=sdk_options["base_address"], workspace="ws-1")
    image = ImageRef("a", picture, "oss://dashscope-instant/1.jpg")
    adapter.submit([TryOnRequest("tryon", "aitryon", image, {"dress": image})])
    mine = sent(recorder)
    BaseAsyncApi.async_call(
        model="aitryon",
        input={"person_image_url": image.url, "top_garment_url": image.url},
        task_group="aigc",
        task="image2image",
        function="image-synthesis",
        workspace="ws-1",
        headers=RESOLVE,
        resolution=-1,
        restore_face=True,
        **sdk_options,
    )
    assert mine == sent(recorder)
    assert mine["headers"]["x-dashscope-workspace"] == "ws-1"


def test_the_same_questions(recorder: HTTPServer) -> None:
    adapter, sdk_options = both(recorder)
    adapter.poll(["t-1"])
    mine = sent(recorder)
    BaseAsyncApi.fetch("t-1", **sdk_options)
    assert mine == sent(recorder)
    adapter.cancel("t-1")
    mine = sent(recorder)
    BaseAsyncApi.cancel("t-1", **sdk_options)
    theirs_sent = sent(recorder)
    # The SDK sends an empty body with its type; the documents show none.
    theirs_sent["headers"].pop("content-type", None)
    theirs_sent["body"] = b""
    assert mine == theirs_sent


def test_the_same_list(recorder: HTTPServer) -> None:
    adapter, sdk_options = both(recorder)
    since = datetime(2025, 4, 25, 16, tzinfo=timezone(timedelta(hours=8)))
    adapter.recent(since, since + timedelta(hours=1))
    mine = sent(recorder)
    BaseAsyncApi.list("20250425160000", "20250425170000", page_no=1, page_size=100, **sdk_options)
    assert mine == sent(recorder)


def test_the_same_upload(httpserver: HTTPServer, tmp_path: Path) -> None:
    forms: list[dict[str, str]] = []
    asked: list[dict[str, Any]] = []

    def store(request: Any) -> Any:
        from werkzeug import Response

        assert "Authorization" not in request.headers
        assert list(request.files) == ["file"]
        assert request.files["file"].read() == picture()
        forms.append(dict(request.form))
        return Response("")

    names = ("policy", "signature", "upload_dir", "oss_access_key_id", "x_oss_object_acl")
    policy = {name: name for name in (*names, "x_oss_forbid_overwrite")}
    policy["upload_host"] = httpserver.url_for("/bucket")
    httpserver.expect_request("/bucket").respond_with_handler(store)
    httpserver.expect_request(re.compile(".*")).respond_with_json({"data": policy})
    base = httpserver.url_for("/api/v1")
    adapter = DashScope(api_key=KEY, base_url=base, delivery="dashscope-upload")
    image = ImageRef("a", picture)
    adapter.submit([TryOnRequest("parse", "aitryon-parsing-v1", image, parts=("top",))])
    (tmp_path / "a.jpg").write_bytes(picture())
    model = "aitryon-parsing-v1"
    OssUtils.upload(model, str(tmp_path / "a.jpg"), KEY, base_address=base)
    for request, _ in httpserver.log:
        if request.path == "/api/v1/uploads":
            asked.append(sent_as(request))
    assert asked[0] == asked[1]
    assert asked[0]["query"] == {"action": "getPolicy", "model": model}
    mine, sdk_options = forms
    assert sdk_options.pop("x-oss-content-type") == "image/jpeg"  # the SDK's own, not documented
    assert {mine.pop("key")[:11], sdk_options.pop("key")[:11]} == {"upload_dir/"}
    assert mine == sdk_options


def test_what_the_sdk_sends_is_what_is_documented(recorder: HTTPServer) -> None:
    _, sdk_options = both(recorder)
    BaseAsyncApi.async_call("m", {"a": 1}, "aigc", "image2image", "image-synthesis", **sdk_options)
    assert sent(recorder)["headers"] == {
        "authorization": f"Bearer {KEY}",
        "content-type": "application/json",
        **{name.lower(): value for name, value in ASYNC.items()},
    }
