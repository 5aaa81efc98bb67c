"""allauth's own description of its addresses, as far as the app needs it, in our document."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from allauth.headless import spec as shipped
from allauth.headless.spec.internal import schema as allauth

SOURCE = Path(shipped.__file__).parent / "doc" / "openapi.yaml"
ROOT = "/_allauth/app/v1/"
TAG = "Signing in"
PREFIX = "Auth"
# What the app calls, each by the name that a client's function gets.
OPERATIONS = {
    "config": {"get": "signInOptions"},
    "auth/login": {"post": "signIn"},
    "auth/signup": {"post": "signUp"},
    "auth/session": {"get": "session", "delete": "signOut"},
    "auth/sessions": {"get": "sessions", "delete": "endSessions"},
    "auth/reauthenticate": {"post": "reauthenticate"},
    "auth/email/verify": {"get": "emailToVerify", "post": "verifyEmail"},
    "auth/email/verify/resend": {"post": "resendEmailCode"},
    "auth/password/request": {"post": "forgotPassword"},
    "auth/password/reset": {"get": "passwordToReset", "post": "resetPassword"},
    "auth/2fa/authenticate": {"post": "secondFactor"},
    "auth/2fa/reauthenticate": {"post": "reauthenticateBySecondFactor"},
    "account/password/change": {"post": "changePassword"},
    "account/authenticators": {"get": "secondFactors"},
    "account/authenticators/totp": {
        "get": "totp",
        "post": "activateTotp",
        "delete": "deactivateTotp",
    },
    "account/authenticators/recovery-codes": {"get": "recoveryCodes", "post": "newRecoveryCodes"},
}
# Everywhere, and not in the description: limits, an ended token, JSON that nobody can read.
ALSO = {
    "400": {"description": "The body is not right."},
    "410": {"description": "The token has ended: drop it and sign in."},
    "429": {"description": "Too many attempts: wait a minute."},
}
# Who asks is looked at first, whatever is asked.
UNKNOWN = {"401": {"$ref": "#/components/responses/AuthenticationOrReauthentication"}}


def add_auth(result: dict[str, Any], generator: Any, request: Any, public: bool) -> dict[str, Any]:
    """Merge them into drf-spectacular's document: a postprocessing hook."""
    spec = _read()
    paths = _named({ROOT + path: _operations(spec, path, OPERATIONS[path]) for path in OPERATIONS})
    result["paths"] |= paths
    for kind, name in sorted(_reached(spec, paths)):
        component = _named(spec["components"][kind][name])
        result["components"].setdefault(kind, {})[PREFIX + name] = component
    return result


def _read() -> dict[str, Any]:
    """For the app alone, with the fields that these settings ask for."""
    spec: dict[str, Any] = yaml.safe_load(SOURCE.read_bytes())
    allauth.specify_user(spec)
    allauth.pin_client(spec)
    allauth.specify_signup_fields(spec)
    # Things that allauth answers, and its description denies.
    parts = spec["components"]
    flow = parts["schemas"]["Flow"]["properties"]
    flow["id"]["enum"].append("password_reset_by_code")
    del flow["is_pending"]["enum"]
    meta = parts["schemas"]["AuthenticationMeta"]["allOf"][1]["properties"]
    meta["is_authenticated"]["type"] = ["boolean", "null"]
    # The second is of the first's shape, too: exactly one of them it never is.
    either = parts["responses"]["AuthenticationOrReauthentication"]["content"]["application/json"]
    either["schema"] = {"anyOf": either["schema"]["oneOf"]}
    return spec


def _operations(spec: dict[str, Any], path: str, wanted: dict[str, str]) -> dict[str, Any]:
    found = spec["paths"][ROOT + path]
    return {
        method: found[method]
        | {"operationId": name, "tags": [TAG], "security": [{}]}
        # Ours lie below the API's own address.
        | {"servers": [{"url": "/"}]}
        | {"responses": ALSO | found[method]["responses"] | UNKNOWN}
        for method, name in wanted.items()
    }


def _named(node: Any) -> Any:
    """A copy with our names of the components, in the words of OpenAPI 3.1.

    Its examples are left out: they show what our settings do not have.
    """
    if isinstance(node, list):
        return [_named(each) for each in node]
    if not isinstance(node, dict):
        return node
    if isinstance(node.get("$ref"), str):
        head, _slash, name = node["$ref"].rpartition("/")
        ref = {"$ref": f"{head}/{PREFIX}{name}"}
        return {"anyOf": [ref, {"type": "null"}]} if node.get("nullable") else ref
    return {key: _named(value) for key, value in node.items() if key != "examples"}


def _reached(spec: dict[str, Any], paths: dict[str, Any]) -> set[tuple[str, str]]:
    """The components that the paths refer to, and those that these refer to."""
    reached: set[tuple[str, str]] = set()
    waiting = list(_refs(paths))
    while waiting:
        kind, name = waiting.pop()
        if (kind, name) not in reached:
            reached.add((kind, name))
            waiting += _refs(_named(spec["components"][kind][name]))
    return reached


def _refs(node: Any) -> Iterator[tuple[str, str]]:
    if isinstance(node, list):
        for each in node:
            yield from _refs(each)
    elif isinstance(node, dict):
        if isinstance(node.get("$ref"), str):
            _hash, _components, kind, name = node["$ref"].split("/")
            yield kind, name.removeprefix(PREFIX)
        for value in node.values():
            yield from _refs(value)
