"""Who may import whom, what production installs, and how wide a template is."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
# requirements-dev.txt, and what it brings along.
DEV_ONLY = {"dashscope", "django_stubs_ext", "hypothesis", "moto", "mypy", "playwright", "pytest"}


def imports(path: Path) -> Iterator[str]:
    """Modules that a file imports when it runs; those for the type checker only do not count."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    hidden = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test)
        for inner in ast.walk(node)
    }
    for node in ast.walk(tree):
        if id(node) in hidden:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield _absolute(path, node)


def _absolute(path: Path, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    package = path.relative_to(ROOT).parts[: -node.level]
    return ".".join([*package, *filter(None, [node.module])])


def files(folder: str) -> list[Path]:
    return sorted((ROOT / folder).rglob("*.py"))


def offenders(folder: str, forbidden: set[str]) -> list[str]:
    def is_forbidden(name: str) -> bool:
        return any(name == bad or name.startswith(f"{bad}.") for bad in forbidden)

    return [
        f"{path.relative_to(ROOT)}: {name}"
        for path in files(folder)
        for name in imports(path)
        if is_forbidden(name)
    ]


def test_it_works() -> None:
    assert offenders("catalog", {"catalog"})
    assert "providers.contract" in set(imports(ROOT / "providers/dashscope/adapter.py"))


@pytest.mark.parametrize("folder", ["engine", "providers", "sandbox"])
def test_no_database_below_the_models(folder: str) -> None:
    """import-linter cannot forbid a subpackage of an external package."""
    assert offenders(folder, {"django.db"}) == []


def test_the_engine_and_the_simulator_know_no_django() -> None:
    assert offenders("engine", {"django"}) + offenders("sandbox", {"django"}) == []


ROOMS = [
    *("engine", "providers", "sandbox", "portal", "catalog", "jobs", "galleries", "privacy"),
    *("review", "reports", "webhooks", "notifications", "users", "api", "demo", "tryon_site"),
]


@pytest.mark.parametrize("folder", ROOMS)
def test_production_needs_no_development_package(folder: str) -> None:
    assert offenders(folder, DEV_ONLY) == []


def late_imports(path: Path) -> Iterator[str]:
    """Modules of ours that a file's functions import when they are called."""
    for function in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        for node in ast.walk(function):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield _absolute(path, node)


@pytest.mark.parametrize("folder", ROOMS)
def test_no_function_imports_what_its_module_could(folder: str) -> None:
    """It would hide a circle. But an app's models are not there yet when its apps.py is read, and
    the engine's libraries take seconds to load and are no part of a web process.
    """
    late = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in files(folder)
        if path.name != "apps.py"
        for name in late_imports(path)
        if name.partition(".")[0] in {*ROOMS} - {"engine"}
    }
    assert late == set()


def test_no_module_shadows_the_standard_library() -> None:
    names = {path.relative_to(ROOT): path.stem for room in ROOMS for path in files(room)}
    packages = {path.parent: path.parent.name for room in ROOMS for path in files(room)}
    shadowing = {
        str(path): name
        for path, name in {**names, **packages}.items()
        if name in sys.stdlib_module_names and name not in {"__init__", "__main__"}
    }
    assert shadowing == {}


def test_no_template_line_is_longer_than_120_characters() -> None:
    """No linter of templates knows line lengths: djlint's `max_line_length` is for reformatting."""
    long = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in sorted((ROOT / "templates").rglob("*.html"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if len(line) > 120
    ]
    assert long == []
