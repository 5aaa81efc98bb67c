"""Every text has its Chinese. Runs gettext on a copy, so that the tree stays as it is."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from django.utils import translation
from django.utils.translation import gettext, pgettext

from tests.factories import make_job, make_result

# Every room, whichever there are.
ROOMS = [init.parent.name for init in Path(settings.BASE_DIR).glob("*/__init__.py")]
PARTS = sorted({"templates", "locale", *ROOMS} - {"tests", "bench"})
CATALOGUE = "locale/zh_Hans/LC_MESSAGES/django.po"

needs_gettext = pytest.mark.skipif(
    not shutil.which("xgettext"), reason="GETTEXT IS MISSING: translations are not checked"
)


@pytest.fixture(scope="module")
def extracted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    copy = tmp_path_factory.mktemp("texts")
    leave = shutil.ignore_patterns("__pycache__", "*.mo")
    for part in PARTS:
        shutil.copytree(Path(settings.BASE_DIR) / part, copy / part, ignore=leave)
    command = [sys.executable, "-m", "django", "makemessages", "-l", "zh_Hans", "--no-location"]
    alone = {k: v for k, v in os.environ.items() if k != "DJANGO_SETTINGS_MODULE"}
    subprocess.run(command, cwd=copy, env=alone, check=True, capture_output=True)
    return copy / CATALOGUE


def _texts(catalogue: Path, only: str) -> list[str]:
    command = ["msgattrib", only, "--no-obsolete", "--no-wrap", str(catalogue)]
    found = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    entries = [entry.strip() for entry in found.split("\n\n")]
    return [entry for entry in entries if entry and "Project-Id-Version" not in entry]


@needs_gettext
@pytest.mark.parametrize("only", ["--untranslated", "--only-fuzzy"])
def test_nothing_is_left_untranslated(extracted: Path, only: str) -> None:
    assert _texts(extracted, only) == []


@needs_gettext
def test_the_catalogue_is_sound(tmp_path: Path) -> None:
    source = Path(settings.BASE_DIR) / CATALOGUE
    subprocess.run(
        ["msgfmt", "--check-format", "-o", str(tmp_path / "x.mo"), str(source)], check=True
    )


@pytest.mark.usefixtures("compiled_messages")
def test_our_translations_do_not_override_djangos() -> None:
    """Its administration says "View" for looking at a row, we say it of how a photo is framed."""
    with translation.override("zh-hans"):
        assert (gettext("View"), pgettext("photo", "View")) == ("查看", "取景")


@pytest.mark.usefixtures("compiled_messages")
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("/overview/", ["概览", "您的账户看不到统计数据"]),
        ("/gallery/", ["已通过", "还没有已通过的结果"]),
        ("/batches/", ["批次", "需要处理"]),
        ("/results/{result}/", ["制作过程", "近似：原有服装接近肤色", "驳回"]),
        ("/jobs/{job}/", ["服务商没有答复"]),
    ],
)
def test_pages_speak_chinese(reviewer: Client, path: str, words: list[str]) -> None:
    job = make_job("needs_attention")
    result = make_result(warnings=["old_garment_skin_coloured"])
    answer = reviewer.post("/language/", {"language": "zh-hans", "next": "/gallery/"})
    assert answer.headers["Location"] == "/gallery/"
    text = reviewer.get(path.format(result=result.pk, job=job.pk)).content.decode()
    assert 'lang="zh-hans"' in text
    for word in words:
        assert word in text
