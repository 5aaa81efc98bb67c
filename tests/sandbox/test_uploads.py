"""Temporary uploads: the form to the letter, and who may use the file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import requests

from providers.contract import ImageRef, TryOnRequest
from providers.dashscope.adapter import DashScope
from sandbox import Sandbox
from sandbox.http_messages import Refused
from sandbox.object_storage import read_form
from tests.sandbox.calls import ASYNC, accepted, finished, get, picture, post, refused

RESOLVE = {**ASYNC, "X-DashScope-OssResourceResolve": "enable"}


@pytest.fixture(scope="module")
def sandbox() -> Iterator[Sandbox]:
    with Sandbox(task_seconds=0, instant=True, submits_per_second=0) as running:
        yield running


def policy_of(sandbox: Sandbox, model: str = "aitryon") -> dict[str, Any]:
    policy: dict[str, Any] = get(sandbox, "/uploads", action="getPolicy", model=model).json()[
        "data"
    ]
    return policy


def form_of(policy: dict[str, Any], name: str = "a.jpg") -> dict[str, str]:
    return {
        "OSSAccessKeyId": policy["oss_access_key_id"],
        "Signature": policy["signature"],
        "policy": policy["policy"],
        "x-oss-object-acl": policy["x_oss_object_acl"],
        "x-oss-forbid-overwrite": policy["x_oss_forbid_overwrite"],
        "key": f"{policy['upload_dir']}/{name}",
        "success_action_status": "200",
    }


def upload(policy: dict[str, Any], form: dict[str, str]) -> requests.Response:
    files = {"file": ("a.jpg", picture(), "image/jpeg")}
    return requests.post(policy["upload_host"], data=form, files=files, timeout=5)


def body_of(address: str, model: str = "aitryon") -> dict[str, Any]:
    given = {"person_image_url": address, "top_garment_url": address}
    return {"model": model, "input": given, "parameters": {}}


def test_it_works(sandbox: Sandbox) -> None:
    policy = policy_of(sandbox)
    form = form_of(policy)
    response = upload(policy, form)
    assert (response.status_code, response.content) == (200, b"")
    body = body_of(f"oss://{form['key']}")
    task_id = accepted(post(sandbox, body, headers=RESOLVE))
    assert finished(sandbox, task_id)["output"]["task_status"] == "SUCCEEDED"


def test_the_adapter_uploads(sandbox: Sandbox) -> None:
    provider = DashScope(
        api_key="sk-test", base_url=sandbox.dashscope_url, delivery="dashscope-upload"
    )
    image = ImageRef("a" * 64, picture)
    [outcome] = provider.submit([TryOnRequest("tryon", "aitryon-plus", image, {"top": image})])
    assert finished(sandbox, outcome.remote_id)["output"]["task_status"] == "SUCCEEDED"


@pytest.mark.parametrize(
    ("model", "key", "word"),
    [("aitryon-plus", "sk-test", "FAILED"), ("aitryon", "sk-other", "FAILED")],
)
def test_a_file_is_bound_to_its_model_and_account(
    sandbox: Sandbox, model: str, key: str, word: str
) -> None:
    policy = policy_of(sandbox)
    form = form_of(policy)
    upload(policy, form)
    body = body_of(f"oss://{form['key']}", model)
    task_id = accepted(post(sandbox, body, key=key, headers=RESOLVE))
    output = finished(sandbox, task_id, key)["output"]
    assert (output["task_status"], output["code"]) == (word, "InvalidParameter.DataInspection")


def test_without_the_header(sandbox: Sandbox) -> None:
    answer = post(sandbox, body_of("oss://a/b.jpg"))
    assert refused(answer) == (400, "InvalidParameter.DataInspection")


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"Signature": "x"}, 403, "SignatureDoesNotMatch"),
        ({"policy": "x"}, 403, "SignatureDoesNotMatch"),
        ({"key": "elsewhere/a.jpg"}, 403, "AccessDenied"),
        ({"x-oss-object-acl": "public-read"}, 403, "AccessDenied"),
        ({"x-oss-forbid-overwrite": "false"}, 403, "AccessDenied"),
        ({"OSSAccessKeyId": ""}, 400, "InvalidArgument"),
    ],
)
def test_wrong_forms(sandbox: Sandbox, changes: dict[str, str], status: int, code: str) -> None:
    policy = policy_of(sandbox)
    response = upload(policy, form_of(policy) | changes)
    assert (response.status_code, f"<Code>{code}</Code>" in response.text) == (status, True)
    assert response.headers["Content-Type"] == "application/xml"


def test_a_name_is_used_once(sandbox: Sandbox) -> None:
    policy = policy_of(sandbox)
    assert upload(policy, form_of(policy)).status_code == 200
    assert upload(policy, form_of(policy)).status_code == 409


def test_a_policy_ends() -> None:
    with Sandbox(instant=True, policy_seconds=-1) as sandbox:
        policy = policy_of(sandbox)
        response = upload(policy, form_of(policy))
    assert response.status_code == 403
    assert "Policy expired" in response.text


@pytest.mark.parametrize("query", [{}, {"action": "getPolicy"}, {"action": "x", "model": "m"}])
def test_wrong_policies(sandbox: Sandbox, query: dict[str, str]) -> None:
    assert refused(get(sandbox, "/uploads", **query)) == (400, "InvalidParameter")


def test_fields_after_the_file_do_not_count() -> None:
    part = b'--b\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n'
    body = part % (b"key", b"k") + part % (b"file", b"\r\n\x00data") + part % (b"policy", b"p")
    fields, data = read_form("multipart/form-data; boundary=b", body + b"--b--\r\n")
    assert (fields, data) == ({"key": "k"}, b"\r\n\x00data")


def test_what_is_no_form() -> None:
    with pytest.raises(Refused):
        read_form("application/json", b"{}")
