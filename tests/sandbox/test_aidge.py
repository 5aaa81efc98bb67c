"""Aidge's protocol on real sockets: what is accepted, made, billed and refused."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from typing import Any

import pytest
import requests
from PIL import Image
from pytest_httpserver import HTTPServer

from providers.contract import ImageRef
from sandbox import Sandbox
from tests.sandbox.aidge_calls import (
    QUERY,
    SUBMIT,
    accepted,
    element,
    finished,
    flat_lay,
    garment,
    made,
    refused,
    send,
    signed,
    submit,
    urls,
    wanted,
)
from tests.sandbox.calls import hosted, picture

NO_DOWNLOAD = (701, "Clothing image dowloading failed, please try another input")
LOW = (703, "Input clothes image resoulution low, please try other image")
NO_FLAT_LAY = (707, "Input clothing image is not a complete flat lay. Please try another image.")


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(
        task_seconds=0, instant=True, submits_per_second=0, queries_per_second=0, fetch_seconds=0.3
    ) as running:
        yield running


def test_it_works(sandbox: Sandbox, httpserver: HTTPServer) -> None:
    task_id = accepted(submit(sandbox, element(httpserver)))
    body = finished(sandbox, task_id)
    assert {name: body[name] for name in ("code", "resCode", "resMessage", "success")} == {
        "code": "0",
        "resCode": 200,
        "resMessage": "success",
        "success": True,
    }
    assert (body["data"]["taskStatus"], body["data"]["taskId"]) == ("finished", task_id)
    [part] = body["data"]["taskResult"]
    assert part["taskStatus"] == "finished"
    first, second = part["taskResult"]["result"]["imageList"]
    assert first["clothes"] == httpserver.url_for("/garment.jpg")
    pictures = [requests.get(image["imageUrl"], timeout=5) for image in (first, second)]
    assert [answer.headers["Content-Type"] for answer in pictures] == ["image/jpeg"] * 2
    assert pictures[0].content != pictures[1].content


def test_our_adapter(sandbox: Sandbox, httpserver: HTTPServer) -> None:
    outcome = made(sandbox, wanted(httpserver, samples=8, view="full"))
    assert (outcome.state, outcome.usage, len(outcome.images)) == ("succeeded", 8, 8)
    assert len({requests.get(image.url, timeout=5).content for image in outcome.images}) == 8


@pytest.mark.parametrize(("slot", "size"), [("top", (768, 1024)), ("dress", (576, 768))])
def test_a_model_of_the_library(
    sandbox: Sandbox, httpserver: HTTPServer, slot: str, size: tuple[int, int]
) -> None:
    request = wanted(
        httpserver,
        garments={slot: ImageRef("g", flat_lay, garment(httpserver))},
        gender="man",
        body="curvy",
        extra={"library_model": {"base": "General", "style": "universal_2"}, "quality_detect": 1},
    )
    [image] = made(sandbox, request).images
    with Image.open(io.BytesIO(requests.get(image.url, timeout=5).content)) as picture:
        assert picture.size == size


def test_the_ledger_counts_images(httpserver: HTTPServer) -> None:
    with Sandbox(task_seconds=0, instant=True) as sandbox:
        finished(sandbox, accepted(submit(sandbox, element(httpserver, generateCount=3))))
        ledger = sandbox.ledger()
    [entry] = ledger["tasks"]
    assert (entry["provider"], entry["account"], entry["model"]) == (
        "aidge",
        "512345",
        "aidge-tryon",
    )
    counters = ledger["counters"]
    assert (counters["submits"], counters["accepted"], counters["billed"]) == (1, 1, 3)
    ledger_text = json.dumps(ledger)
    assert "garment.jpg" in ledger_text
    assert "s3cr3t" not in ledger_text


# --- the signature


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"app_key": ""}, "MissingParameter"),
        ({"timestamp": ""}, "MissingParameter"),
        ({"sign": ""}, "MissingParameter"),
        ({"partner_id": ""}, "MissingParameter"),
        ({"sign_method": "md5"}, "InvalidParameter"),
        ({"sign_ver": "v1"}, "InvalidParameter"),
        ({"timestamp": "yesterday"}, "IllegalTimestamp"),
        ({"timestamp": "1700000000000"}, "IllegalTimestamp"),
        ({"sign": "00"}, "IncompleteSignature"),
        ({"sign": "é"}, "IncompleteSignature"),
        ({"secret": "another"}, "IncompleteSignature"),
    ],
)
def test_what_the_gateway_refuses(
    sandbox: Sandbox, httpserver: HTTPServer, query: dict[str, str], code: str
) -> None:
    response = submit(sandbox, element(httpserver), query=signed(**query))
    assert (response.status_code, refused(response)[0]) == (200, code)
    assert response.json()["type"] == "ISV"


def test_the_signature_is_in_capitals(sandbox: Sandbox, httpserver: HTTPServer) -> None:
    query = signed()
    query["sign"] = query["sign"].lower()
    assert refused(submit(sandbox, element(httpserver), query=query))[0] == "IncompleteSignature"


def test_a_signature_is_good_for_a_while(sandbox: Sandbox, httpserver: HTTPServer) -> None:
    for late, code in ((800, 200), (1000, None)):
        response = submit(sandbox, element(httpserver), query=signed(at=time.time() - late))
        assert response.json().get("resCode") == code


def test_only_listed_keys(httpserver: HTTPServer) -> None:
    with Sandbox(instant=True, api_keys=("500001",), aidge_secret="mine") as sandbox:
        mine = signed("mine", app_key="500001")
        assert accepted(submit(sandbox, element(httpserver), query=mine))
        other = submit(sandbox, element(httpserver), query=signed("mine"))
        assert refused(other)[0] == "InvalidAppKey"


@pytest.mark.parametrize(
    ("method", "path"), [("GET", SUBMIT), ("POST", "/rest/ai/virtual/tryon/result"), ("GET", "/")]
)
def test_no_such_endpoint(sandbox: Sandbox, method: str, path: str) -> None:
    response = requests.request(method, sandbox.aidge_url + path, params=signed(), timeout=5)
    assert refused(response)[0] == "InvalidApiPath"


# --- the body


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"clothesList": None}, "clothesList"),
        ({"clothesList": []}, "clothesList"),
        ({"clothesList": {}}, "clothesList"),
        ({"clothesList": [{"imageUrl": "http://h/1.jpg"}] * 2}, "clothesList"),
        ({"clothesList": [{}]}, "imageUrl"),
        ({"clothesList": [{"imageUrl": 7}]}, "imageUrl"),
        ({"clothesList": [{"imageUrl": "oss://b/1.jpg"}]}, "imageUrl"),
        ({"clothesList": [{"imageUrl": "http://h/1.jpg", "type": "bottoms"}]}, "type"),
        ({"modelImage": "http://h/1.jpg"}, "modelImage"),
        ({"modelImage": ["http://h/1.jpg"] * 9}, "modelImage"),
        ({"modelImage": [{"url": "http://h/1.jpg"}]}, "modelImage"),
        ({"modelImage": ["file:///etc/passwd"]}, "modelImage"),
        ({"model": "Ariel"}, "model"),
        ({"model": {"base": "Mine"}}, "base"),
        ({"model": {"name": 7}}, "name"),
        ({"model": {"gender": "woman"}}, "gender"),
        ({"model": {"style": "universal_4"}}, "style"),
        ({"model": {"body": "tall"}}, "body"),
        ({"viewType": "full"}, "viewType"),
        ({"viewType": 1}, "viewType"),
        ({"generateCount": 0}, "generateCount"),
        ({"generateCount": 9}, "generateCount"),
        ({"generateCount": "4"}, "generateCount"),
        ({"generateCount": 4.0}, "generateCount"),
        ({"generateCount": True}, "generateCount"),
        ({"inputQualityDetect": 2}, "inputQualityDetect"),
        ({"inputQualityDetect": "1"}, "inputQualityDetect"),
    ],
)
def test_wrong_fields_are_named(
    sandbox: Sandbox, httpserver: HTTPServer, changes: dict[str, Any], field: str
) -> None:
    code, message = refused(submit(sandbox, element(httpserver, **changes)))
    assert (code, message.startswith("invalid input: ")) == (700, True)
    assert field in message


@pytest.mark.parametrize(
    "model",
    [None, {}, {"name": "Ariel"}, {"base": "General", "gender": "male", "style": "universal_3"}],
)
def test_library_models(sandbox: Sandbox, httpserver: HTTPServer, model: Any) -> None:
    changes = {"modelImage": None, "model": model, "viewType": None, "generateCount": None}
    body = finished(sandbox, accepted(submit(sandbox, element(httpserver, **changes))))
    assert [len(part) for part in urls(body)] == [4]  # the documented default


def test_the_parameters_are_json_text(sandbox: Sandbox, httpserver: HTTPServer) -> None:
    one = element(httpserver)
    as_object = {"requestParams": json.dumps(one)}
    accepted(send(sandbox, SUBMIT, as_object))
    for bad in ("", "{", "7", "[]", "[7]", None, 7, [one], one):
        assert refused(send(sandbox, SUBMIT, {"requestParams": bad}))[0] == 700
    assert refused(send(sandbox, SUBMIT, {}))[0] == 700
    assert refused(send(sandbox, SUBMIT, [one]))[0] == 700


def test_a_plain_array_where_the_sandbox_is_lenient(httpserver: HTTPServer) -> None:
    with Sandbox(task_seconds=0, instant=True, aidge_lenient=True) as sandbox:
        accepted(send(sandbox, SUBMIT, {"requestParams": [element(httpserver)]}))


@pytest.mark.parametrize(
    ("data", "kind"), [(b"{}", "text/plain"), (b"\xff", "application/json"), (b"", None)]
)
def test_bodies_that_are_no_json(sandbox: Sandbox, data: bytes, kind: str | None) -> None:
    url = sandbox.aidge_url + SUBMIT
    headers = {"Content-Type": kind} if kind else {}
    response = requests.post(url, params=signed(), data=data, headers=headers, timeout=5)
    assert refused(response)[0] == 700


# --- the images


def judged(sandbox: Sandbox, server: HTTPServer, data: bytes, **changes: Any) -> Any:
    """How a garment photo is refused; None where it is not."""
    clothes = [{"imageUrl": garment(server, "judged.jpg", data), "type": "tops"}]
    response = submit(sandbox, element(server, clothesList=clothes, **changes))
    return None if response.json()["resCode"] == 200 else refused(response)


@pytest.mark.parametrize(
    ("size", "expected"),
    [
        ((501, 501), None),
        ((500, 800), LOW),
        ((800, 500), LOW),
        ((3000, 600), None),
        ((3001, 600), LOW),
    ],
)
def test_garment_sizes(
    sandbox: Sandbox, httpserver: HTTPServer, size: tuple[int, int], expected: Any
) -> None:
    assert judged(sandbox, httpserver, flat_lay(size)) == expected


def test_garments_that_cannot_be_had(sandbox: Sandbox, httpserver: HTTPServer) -> None:
    for url in (httpserver.url_for("/gone.jpg"), "http://no-such-host.invalid/1.jpg"):
        clothes = [{"imageUrl": url, "type": "tops"}]
        assert refused(submit(sandbox, element(httpserver, clothesList=clothes))) == NO_DOWNLOAD
    assert judged(sandbox, httpserver, b"no image") == NO_DOWNLOAD


@pytest.mark.parametrize(
    ("data", "detect", "expected"),
    [
        (flat_lay(), 1, None),
        (flat_lay(left=0), 1, NO_FLAT_LAY),
        (picture(600, 800), 1, NO_FLAT_LAY),
        (picture(600, 800), 0, None),
        (picture(600, 800), None, None),
    ],
)
def test_quality_detection(
    sandbox: Sandbox, httpserver: HTTPServer, data: bytes, detect: int | None, expected: Any
) -> None:
    assert judged(sandbox, httpserver, data, inputQualityDetect=detect) == expected


def test_a_model_image_that_cannot_be_had(sandbox: Sandbox, httpserver: HTTPServer) -> None:
    one = element(httpserver, modelImage=[httpserver.url_for("/gone.jpg")])
    code, message = refused(submit(sandbox, one))
    assert (code, "modelImage" in message) == (700, True)


def test_model_images_take_turns(httpserver: HTTPServer) -> None:
    people = [hosted(httpserver, f"p{width}.jpg", picture(width, 800)) for width in (600, 610, 620)]
    one = element(httpserver, modelImage=people, generateCount=4)
    with Sandbox(task_seconds=0, instant=True) as sandbox:
        [asked] = urls(finished(sandbox, accepted(submit(sandbox, one))))
        assert [_width(url) for url in asked] == [600, 610, 620, 600]
    with Sandbox(task_seconds=0, instant=True, aidge_count="models") as sandbox:
        [one_each] = urls(finished(sandbox, accepted(submit(sandbox, one))))
        assert len(one_each) == 3


def _width(url: str) -> int:
    with Image.open(io.BytesIO(requests.get(url, timeout=5).content)) as image:
        return image.width


# --- another client: the reference's parameters, sent by curl


def shell(sandbox: Sandbox, path: str, body: Any) -> dict[str, Any]:
    digest = 'printf %s "$SECRET$NOW" | openssl dgst -sha256 -hmac "$SECRET"'
    sign = f'{digest} | sed "s/.* //" | tr a-f A-F'
    address = (
        f"{sandbox.aidge_url}{path}?partner_id=aidge&sign_method=sha256&sign_ver=v2"
        "&app_key=512345&timestamp=$NOW"
    )
    command = f"""NOW=$(date +%s)000; SIGN=$({sign})
curl --silent --request POST "{address}&sign=$SIGN" \\
--header 'Content-Type: application/json' --header 'x-iop-trial: true' \\
--data '{json.dumps(body)}'"""
    environment = {**os.environ, "SECRET": "sandbox", "NO_PROXY": "*"}
    done = subprocess.run(
        ["sh", "-c", command], env=environment, capture_output=True, timeout=10, check=True
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


@pytest.mark.skipif(not shutil.which("openssl"), reason="signs with openssl")
def test_the_documented_parameters_by_curl(sandbox: Sandbox, httpserver: HTTPServer) -> None:
    parameters = [
        {
            "clothesList": [{"imageUrl": garment(httpserver), "type": "tops"}],
            "model": {
                "base": "General",
                "gender": "female",
                "style": "universal_1",
                "body": "slim",
            },
            "viewType": "mixed",
            "inputQualityDetect": 0,
            "generateCount": 4,
        }
    ]
    answer = shell(sandbox, SUBMIT, {"requestParams": json.dumps(parameters)})
    assert set(answer) >= {"resCode", "data", "requestId", "success", "resMessage"}
    assert (answer["resCode"], answer["success"]) == (200, True)
    task_id = answer["data"]["result"]["taskId"]
    finished(sandbox, task_id)
    done = shell(sandbox, QUERY, {"task_id": task_id})
    assert [len(part) for part in urls(done)] == [4]
    parameters[0]["clothesList"][0]["imageUrl"] = httpserver.url_for("/gone.jpg")
    refusal = shell(sandbox, SUBMIT, {"requestParams": json.dumps(parameters)})
    assert (refusal["resCode"], refusal["resMessage"]) == NO_DOWNLOAD
