"""Every request that the five reference documents show, sent by curl, gets the answer they show.

Only the addresses of the images are ours; `{person}` and the like stand for them. The Market's
examples have comments and a comma too many, which are left out; Aidge's document describes its
requests in a table and shows none, so each of its three ways is one command.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import uuid
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from pytest_httpserver import HTTPServer

from sandbox import Sandbox
from tests.sandbox import aidge_calls, aliyun_market_calls
from tests.sandbox.calls import finished, hosted, picture

KEY = "sk-0123456789abcdef"
SYNTHESIS = "/services/aigc/image2image/image-synthesis"
UUID = r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
TIME = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}"
FACE = {"resolution": -1, "restore_face": True}
REFINED = {
    "top_garment_url": "{top}",
    "bottom_garment_url": "{bottom}",
    "person_image_url": "{person}",
    "coarse_image_url": "{coarse}",
}


def _worn(**garments: str) -> dict[str, str]:
    return {"person_image_url": "{person}", **garments}


# (document and example, model, input, parameters)
DASHSCOPE: list[tuple[str, str, dict[str, str], dict[str, Any]]] = [
    ("000 refine", "aitryon-refiner", REFINED, {"gender": "woman"}),
    (
        "001 try on",
        "aitryon",
        _worn(top_garment_url="{top}", bottom_garment_url="{bottom}"),
        FACE,
    ),
    ("001 refine", "aitryon-refiner", REFINED, {"gender": "woman"}),
    ("002 (1) a top", "aitryon-plus", _worn(top_garment_url="{top}"), FACE),
    (
        "002 (2) keep the bottom",
        "aitryon-plus",
        _worn(top_garment_url="{top}", bottom_garment_url="{parsed}"),
        FACE,
    ),
    ("002 (3) a bottom", "aitryon-plus", _worn(bottom_garment_url="{bottom}"), FACE),
    (
        "002 (4) keep the top",
        "aitryon-plus",
        _worn(top_garment_url="{parsed}", bottom_garment_url="{bottom}"),
        FACE,
    ),
    (
        "002 (5) top and bottom",
        "aitryon-plus",
        _worn(top_garment_url="{top}", bottom_garment_url="{bottom}"),
        FACE,
    ),
    ("002 (6) a dress", "aitryon-plus", _worn(top_garment_url="{dress}"), FACE),
]
LIBRARY = {"base": "General", "gender": "female", "style": "universal_1", "body": "slim"}
# (way, what the element has beside its garment, images)
AIDGE: list[tuple[str, dict[str, Any], int]] = [
    ("004 a model type", {"model": LIBRARY}, 4),
    ("004 a model", {"model": {"base": "General", "name": "Ariel"}, "generateCount": 1}, 1),
    ("004 own model images", {"modelImage": ["{person}", "{person}"], "generateCount": 2}, 2),
    (
        "004 all parameters",
        {"model": LIBRARY, "viewType": "mixed", "generateCount": 8, "inputQualityDetect": 0},
        8,
    ),
]


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    limits = {"submits_per_second": 0, "queries_per_second": 0}
    with Sandbox(task_seconds=0, instant=True, api_keys=(KEY,), **limits) as running:
        yield running


@pytest.fixture
def images(sandbox: Sandbox, httpserver: HTTPServer) -> dict[str, str]:
    """An address for each role; `parsed` is what the parsing API cut out of the person."""
    roles = ("person", "top", "bottom", "dress", "coarse")
    found = {role: hosted(httpserver, f"{role}.jpg", picture(600, 800)) for role in roles}
    body = {
        "model": "aitryon-parsing-v1",
        "input": {"image_url": found["person"]},
        "parameters": {"clothes_type": ["upper", "lower"]},
    }
    url = f"{sandbox.dashscope_url}/services/vision/image-process/process"
    headers = {"Authorization": f"Bearer {KEY}"}
    answer = requests.post(url, json=body, headers=headers, timeout=5).json()
    return {**found, "parsed": answer["output"]["crop_img_url"][1]}


def filled(value: Any, images: dict[str, str]) -> Any:
    if isinstance(value, dict):
        return {key: filled(item, images) for key, item in value.items()}
    if isinstance(value, list):
        return [filled(item, images) for item in value]
    return value.format(**images) if isinstance(value, str) else value


def shell(command: str, key: str = KEY) -> dict[str, Any]:
    environment = {**os.environ, "DASHSCOPE_API_KEY": key, "SECRET": "sandbox", "NO_PROXY": "*"}
    done = subprocess.run(
        ["sh", "-c", command], env=environment, capture_output=True, timeout=10, check=True
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def create(sandbox: Sandbox, body: Any, key: str = KEY, end: str = "/") -> dict[str, Any]:
    """Step 1 of all three DashScope documents; they write the address with and without the /."""
    return shell(
        f"""curl --silent --location '{sandbox.dashscope_url}{SYNTHESIS}{end}' \\
--header 'X-DashScope-Async: enable' \\
--header "Authorization: Bearer $DASHSCOPE_API_KEY" \\
--header 'Content-Type: application/json' \\
--data '{json.dumps(body, indent=4)}'""",
        key,
    )


def ask(sandbox: Sandbox, task_id: str, key: str = KEY) -> dict[str, Any]:
    """Step 2; the sandbox decides at once, but makes its images in a thread."""
    finished(sandbox, task_id, key)
    return shell(
        f"""curl --silent -X GET {sandbox.dashscope_url}/tasks/{task_id} \\
--header "Authorization: Bearer $DASHSCOPE_API_KEY" """,
        key,
    )


def created(answer: dict[str, Any]) -> str:
    """The documented answer to a creation, and nothing else in it."""
    assert set(answer) == {"output", "request_id"}, answer
    assert set(answer["output"]) == {"task_status", "task_id"}
    assert answer["output"]["task_status"] == "PENDING"
    assert re.fullmatch(UUID, answer["output"]["task_id"])
    assert re.fullmatch(UUID, answer["request_id"])
    return str(answer["output"]["task_id"])


def body_of(example: str, images: dict[str, str], **changes: str) -> dict[str, Any]:
    _, model, given, parameters = next(row for row in DASHSCOPE if row[0] == example)
    return {"model": model, "input": filled(given, images) | changes, "parameters": parameters}


@pytest.mark.parametrize("end", ["/", ""])
def test_it_works(sandbox: Sandbox, images: dict[str, str], end: str) -> None:
    created(create(sandbox, body_of("001 try on", images), end=end))


@pytest.mark.parametrize("example", [row[0] for row in DASHSCOPE])
def test_dashscope(sandbox: Sandbox, images: dict[str, str], example: str) -> None:
    body = body_of(example, images)
    task_id = created(create(sandbox, body))
    answer = ask(sandbox, task_id)
    assert set(answer) == {"request_id", "output", "usage"}
    assert answer["usage"] == {"image_count": 1}
    output = answer["output"]
    times = {"submit_time", "scheduled_time", "end_time"}
    assert set(output) == {"task_id", "task_status", "image_url", *times}
    assert (output["task_id"], output["task_status"]) == (task_id, "SUCCEEDED")
    assert all(re.fullmatch(TIME, output[name]) for name in times)
    assert "?Expires=" in output["image_url"]
    assert requests.get(output["image_url"], timeout=5).status_code == 200
    [task] = [t for t in sandbox.ledger()["tasks"] if t["task_id"] == task_id]
    assert (task["model"], set(task["request"]["input"])) == (body["model"], set(body["input"]))


def test_001_the_older_shape_of_a_result(images: dict[str, str]) -> None:
    with Sandbox(task_seconds=0, instant=True, result_shape="results") as sandbox:
        answer = ask(sandbox, created(create(sandbox, body_of("001 try on", images))))
    assert set(answer) == {"output", "usage", "request_id"}
    assert set(answer["output"]["results"]) == {"image_url"}
    assert "image_url" not in answer["output"]


@pytest.mark.parametrize("example", ["000 refine", "002 (1) a top"])
def test_a_wrong_key(sandbox: Sandbox, images: dict[str, str], example: str) -> None:
    answer = create(sandbox, body_of(example, images), key="sk-xxxx")
    assert re.fullmatch(UUID, answer.pop("request_id"))
    assert answer == {"code": "InvalidApiKey", "message": "Invalid API-key provided."}


def test_a_failed_task(sandbox: Sandbox, images: dict[str, str], httpserver: HTTPServer) -> None:
    """The failure that the quick start shows, in the newer spelling of its message."""
    small = hosted(httpserver, "small.jpg", picture(140, 700))
    body = body_of("001 try on", images, person_image_url=small)
    task_id = created(create(sandbox, body))
    answer = ask(sandbox, task_id)
    assert set(answer) == {"request_id", "output"}
    output = answer["output"]
    assert {"task_id", "task_status", "code", "message"} <= set(output)
    assert (output["task_status"], output["code"]) == ("FAILED", "InvalidInputLength")
    assert output["message"].startswith("The image resolution is invalid, please make sure")
    assert "image_url" not in output


@pytest.mark.parametrize(
    ("given", "parameters", "code", "message"),
    [
        (
            _worn(),
            FACE,
            "InvalidGarment",
            "Missing clothing image.Please input at least one top garment or bottom garment image.",
        ),
        (
            {"top_garment_url": "{top}"},
            FACE,
            "InvalidParameter",
            "The request is missing required parameters or in a wrong format, please check the "
            "parameters that you send.",
        ),
        (
            _worn(top_garment_url="/tmp/local.jpg"),
            FACE,
            "InvalidURL",
            "The request URL is invalid, please check the request URL is available and the request "
            "image format is one of the following types: JPEG, JPG, PNG, BMP, and WEBP.",
        ),
    ],
)
def test_002_what_is_refused_by_its_row(
    sandbox: Sandbox,
    images: dict[str, str],
    given: dict[str, str],
    parameters: dict[str, Any],
    code: str,
    message: str,
) -> None:
    body = {"model": "aitryon-plus", "input": filled(given, images), "parameters": parameters}
    answer = create(sandbox, body)
    assert (answer["code"], answer["message"]) == (code, message)


def test_a_task_that_is_not_there(sandbox: Sandbox) -> None:
    """The documents' own example of an id: unknown, as every id is after a day."""
    answer = shell(
        f"curl --silent -X GET --header 'Authorization: Bearer {KEY}' "
        f"'{sandbox.dashscope_url}/tasks/86ecf553-d340-4e21-xxxxxxxxx'"
    )
    assert answer["output"] == {
        "task_id": "86ecf553-d340-4e21-xxxxxxxxx",
        "task_status": "UNKNOWN",
    }


# --- 003, Aliyun Market


def market(sandbox: Sandbox, path: str, data: Any, *headers: str) -> dict[str, Any]:
    named = ["Content-Type: application/json", f"X-Ca-Nonce: {uuid.uuid4().hex}", *headers]
    lines = " ".join(f"--header '{header}'" for header in named)
    url = sandbox.aliyun_market_url + path
    return shell(f"curl --silent -X POST '{url}' {lines} --data '{json.dumps({'data': data})}'")


@pytest.mark.parametrize("mode", [{}, {"inferenceMode": 1}, {"inference_mode": "0"}])
def test_003_submit_and_query(
    sandbox: Sandbox, images: dict[str, str], mode: dict[str, Any]
) -> None:
    token = f"Authorization: APPCODE {KEY}"
    garments = {
        f"{part}_image": {"type": 1, "url": images[slot]}
        for part, slot in (("upper", "top"), ("lower", "bottom"), ("full", "dress"))
    }
    task = {"model_image": images["person"], **garments, **mode}
    answer = market(sandbox, aliyun_market_calls.SUBMIT, {"task_list": [task]}, token)
    key = answer["data"]["result_key"]
    said = {"code": 0, "message": "success", "severity": "info", "success": True}
    assert answer.pop("requestId")
    task_list = [{**task, "status": "WAITING"}]
    assert answer == {**said, "data": {"result_key": key, "task_list": task_list}}
    aliyun_market_calls.finished(sandbox, key, appcode=KEY)
    answer = market(sandbox, aliyun_market_calls.QUERY, {"result_key": key}, token)
    assert answer.pop("requestId")
    [done] = answer["data"]["task_list"]
    assert answer == {**said, "data": {"result_key": key, "task_list": [done]}}
    assert set(done) == {"status", "results"}
    assert done["status"] == "SUCCESS"


@pytest.mark.parametrize(
    ("path", "data", "token", "code", "message"),
    [
        (
            aliyun_market_calls.SUBMIT,
            {"task_list": []},
            None,
            "23500001",
            "Authorization required to perform current operation",
        ),
        (
            aliyun_market_calls.QUERY,
            {"result_key": "fdfd"},
            KEY,
            "23500008",
            "No records found related to the specified resultKey parameter",
        ),
        (
            aliyun_market_calls.QUERY,
            {"result_key": ""},
            KEY,
            "23500009",
            "Required parameters cannot be empty",
        ),
    ],
)
def test_003_refusals(
    sandbox: Sandbox, path: str, data: Any, token: str | None, code: str, message: str
) -> None:
    answer = market(sandbox, path, data, *([f"Authorization: APPCODE {token}"] if token else []))
    assert (answer["code"], answer["message"]) == (code, message)
    assert answer["success"] is False
    assert answer["requestId"]


# --- 004, Aidge


def aidge(sandbox: Sandbox, path: str, body: Any) -> dict[str, Any]:
    """Signed by a shell, as the vendor's samples sign."""
    digest = 'printf %s "$SECRET$NOW" | openssl dgst -sha256 -hmac "$SECRET"'
    query = "partner_id=aidge&sign_method=sha256&sign_ver=v2&timestamp=$NOW&sign=$SIGN"
    return shell(
        f"""NOW=$(date +%s)000; SIGN=$({digest} | sed "s/.* //" | tr a-f A-F)
curl --silent --request POST "{sandbox.aidge_url}{path}?app_key={KEY}&{query}" \\
--header 'Content-Type: application/json' --data '{json.dumps(body)}'"""
    )


@pytest.mark.skipif(not shutil.which("openssl"), reason="signs with openssl")
@pytest.mark.parametrize(("way", "fields", "count"), AIDGE, ids=[row[0] for row in AIDGE])
def test_004_submit_and_query(
    sandbox: Sandbox, images: dict[str, str], way: str, fields: dict[str, Any], count: int
) -> None:
    slot, kind = ("dress", "dresses") if "modelImage" in fields else ("top", "tops")
    garment = {"imageUrl": images[slot], "type": kind}
    element = {"clothesList": [garment], **filled(fields, images)}
    answer = aidge(sandbox, aidge_calls.SUBMIT, {"requestParams": json.dumps([element])})
    assert {"resCode", "data", "requestId", "success", "resMessage"} <= set(answer)
    assert (answer["resCode"], answer["success"], answer["resMessage"]) == (200, True, "success")
    task_id = answer["data"]["result"]["taskId"]
    query = aidge_calls.signed(app_key=KEY)
    aidge_calls.finished(sandbox, task_id, query)
    done = aidge(sandbox, aidge_calls.QUERY, {"task_id": task_id})
    assert done["data"]["taskStatus"] == "finished"
    assert [len(urls) for urls in aidge_calls.urls(done)] == [count]


@pytest.mark.skipif(not shutil.which("openssl"), reason="signs with openssl")
@pytest.mark.parametrize(
    ("size", "changes", "code", "message"),
    [
        ((600, 800), {"generateCount": 9}, 700, "invalid input: generateCount"),
        (
            None,
            {},
            701,
            "Clothing image dowloading failed, please try another input",
        ),
        (
            (480, 800),
            {},
            703,
            "Input clothes image resoulution low, please try other image",
        ),
        (
            (600, 800),
            {"inputQualityDetect": 1},
            707,
            "Input clothing image is not a complete flat lay. Please try another image.",
        ),
    ],
)
def test_004_what_is_refused_by_its_row(
    sandbox: Sandbox,
    httpserver: HTTPServer,
    size: tuple[int, int] | None,
    changes: dict[str, Any],
    code: int,
    message: str,
) -> None:
    garment = httpserver.url_for("/gone.jpg")
    if size:
        garment = hosted(httpserver, "garment.jpg", picture(*size))
    element = {"clothesList": [{"imageUrl": garment, "type": "tops"}], "model": LIBRARY, **changes}
    answer = aidge(sandbox, aidge_calls.SUBMIT, {"requestParams": json.dumps([element])})
    assert (answer["resCode"], answer["resMessage"]) == (code, message)
    assert answer["success"] is False
