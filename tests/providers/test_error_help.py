"""Every code that anything here knows has words; and they are the right ones."""

from __future__ import annotations

import ast
import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from babel.messages.pofile import read_po
from django.conf import settings as site_settings
from django.core.management import CommandError, call_command

from jobs.batches import failures
from providers import registry
from providers.error_help import explain, meaning, remedy
from providers.error_meanings import SHARED_MEANINGS, Meaning
from providers.local.adapter import ERROR_CODES
from tests.factories import make_job

# Every room but the simulator, whose codes are the providers'.
PACKAGES = [init.parent for init in Path(site_settings.BASE_DIR).glob("*/__init__.py")]
ROOMS = [path for path in PACKAGES if path.name not in {"sandbox", "tests", "bench"}]
# Functions whose argument of this position is an error code.
NAMED = {
    "Refusal": 0,
    "ProviderError": 0,
    "_failed": 0,
    "end_failed": 1,
    "ask_a_person": 2,
    "_again": 2,
    "_end": 3,
}
# Aliyun Market and Aidge by wire.md, sections 6 and 7.4, whether their adapters are here or not.
WIRE = {
    "transient": "23500000 23500011 D504RE D502FC X500ER X504TO I400NC 500 801 SYSTEM ISP",
    "account": "23500001 23500002 23500003 23500014 A400AC A403EP B403MQ B403ME A403IP I404DO "
    "I410GG IncompleteSignature InvalidSignature InvalidAppKey AppKeyNotExist "
    "InsufficientPermission AppWhiteIpLimit",
    "throttled": "23500004 T429ID T429PA 501 ApiCallLimit AppCallLimit",
    "content": "23500005 1000 1001 1002",
    "input": "23500006 23500007 23500009 23500012 23500013 I400HD I413RL 700 701 703 707 "
    "MissingParameter InvalidParameter",
}


def all_meanings() -> list[Meaning]:
    of_packages = [entry for backend in registry.backends() for entry in backend.error_help]
    return [*of_packages, *SHARED_MEANINGS]


def rules() -> Iterator[tuple[str, str, str]]:
    """An alias, and a code for every row of its adapter's table, with the row's kind."""
    for alias in ("aidge", "aliyun-market", "dashscope"):
        package = alias.replace("-", "_")
        table = importlib.import_module(f"providers.{package}.errors").RULES
        for pattern, _words, kind in table:
            code = re.sub(r"\[(.)[^]]*\]", r"\1", pattern).replace("*", "")
            if code:
                yield alias, code, kind


def literals() -> set[str]:
    """Codes that our own sources write down."""
    found = set()
    for path in (path for room in ROOMS for path in room.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call):
                found |= _literal(node)
    return found


def _literal(node: ast.Call) -> set[str]:
    name = getattr(node.func, "attr", getattr(node.func, "id", ""))
    at = NAMED.get(name, 99)
    value = node.args[at] if at < len(node.args) else None
    is_text = isinstance(value, ast.Constant) and isinstance(value.value, str)
    return {value.value} if is_text else set()  # type: ignore[union-attr, arg-type]


def test_it_works() -> None:
    told = explain("InvalidPerson", "input", "The input image has no human body.")
    assert told.title == "Not exactly one person was found"
    assert told.retry is False


@pytest.mark.parametrize(("alias", "code", "kind"), sorted(set(rules())))
def test_every_rule_of_an_adapter_has_words_in_its_package(
    alias: str, code: str, kind: str, settings: Any
) -> None:
    settings.PROVIDERS = {alias: settings.PROVIDERS[alias]}
    known = meaning(code, kind)
    assert known, code
    assert known.kind in {kind, ""}


@pytest.mark.parametrize(
    ("code", "kind"), [(code, kind) for kind, codes in WIRE.items() for code in codes.split()]
)
def test_every_documented_code_has_words(code: str, kind: str) -> None:
    known = meaning(code, kind)
    assert known, code
    assert known.kind == kind


def test_every_code_of_ours_has_words() -> None:
    ours = literals() | set(ERROR_CODES) | set(ERROR_CODES.values())
    assert {"result_lost", "quarantined", "overdue", "no_person", "canceled"} <= ours
    assert sorted(code for code in ours if not meaning(code)) == []


def test_every_table_has_entries_of_known_kinds() -> None:
    assert {entry.kind for entry in all_meanings()} - {""} <= {
        *("input", "content", "account", "throttled", "transient", "unsupported")
    }


@pytest.mark.parametrize(
    ("code", "kind", "title"),
    [
        ("InvalidParameter", "transient", "The provider was too slow to fetch a photo"),
        ("InvalidParameter.DataInspection", "transient", "The provider was too slow to fetch"),
        ("InvalidParameter.DataInspection", "input", "The photo’s file cannot be read"),
        ("Throttling.AllocationQuota", "account", "The provider account’s quota is used up"),
        ("Throttling.AllocationQuota", "throttled", "The provider was too busy"),
        ("InternalError.Algo", "input", "The provider could not fetch a photo"),
        ("InternalError.Algo", "transient", "The provider had a fault"),
        ("invalid_api_key", "account", "The provider does not accept our key"),
        ("ReadTimeout", "transient", "The provider took too long"),
    ],
)
def test_the_kind_tells_meanings_apart(code: str, kind: str, title: str) -> None:
    assert str(explain(code, kind).title).startswith(title)


def test_the_engines_finer_code_decides() -> None:
    told = explain("InvalidPerson", "input", "person: Two were found: crop it. (several_persons)")
    assert told.title == "There are several persons in the photo"


@pytest.mark.parametrize("kind", ["input", "account", "transient", ""])
def test_an_unknown_code_falls_back_to_its_kind(kind: str) -> None:
    assert explain("SomethingNew", kind) == remedy(kind)


def test_everything_is_shown_in_chinese() -> None:
    path = Path(site_settings.BASE_DIR) / "locale/zh_Hans/LC_MESSAGES/django.po"
    with path.open("rb") as file:
        chinese = read_po(file)
    for text in {str(words) for entry in all_meanings() for words in (entry.title, entry.help)}:
        assert re.search("[\u4e00-\u9fff]", str(chinese[text].string)), text


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("state", "code", "title"),
    [
        ("needs_attention", "overdue", "The provider has not finished for hours"),
        ("needs_attention", "", "The provider never answered"),
        ("failed", "result_lost", "The result is lost"),
    ],
)
def test_a_job_is_explained(state: str, code: str, title: str) -> None:
    told = failures.remedy_of_job(make_job(state, error_code=code, error_kind="transient"))
    assert told
    assert (told.title, told.retry) == (title, state == "failed")


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["queued", "running", "succeeded", "canceled"])
def test_other_jobs_need_no_explanation(state: str) -> None:
    assert failures.remedy_of_job(make_job(state)) is None


def test_the_command_tells_it(db: None, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    from jobs.management.commands import tryon

    job = make_job("failed", error_code="InvalidURL", error_kind="input")
    monkeypatch.setattr(tryon.Command, "_launch", lambda self, options: job)
    monkeypatch.setattr(tryon, "work_until", lambda done: None)
    with pytest.raises(CommandError, match="The provider could not fetch a photo"):
        call_command("tryon", person=tmp_path / "a.jpg", out=tmp_path / "b.jpg")
