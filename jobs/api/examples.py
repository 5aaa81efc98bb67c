"""Real requests and answers: a test sends each of them, and compares what comes back."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).with_name("examples.yaml")


@functools.cache
def known() -> dict[str, dict[str, Any]]:
    """By operation id: see the head of the file."""
    loaded: dict[str, dict[str, Any]] = yaml.safe_load(FILE.read_text(encoding="utf-8")) or {}
    return loaded


def attach(operation: dict[str, Any]) -> None:
    """Show the example of this operation, if there is one, where the document has room for it."""
    example = known().get(operation["operationId"])
    if example is None:
        return
    for parameter in operation.get("parameters", ()):
        if parameter["name"] in example.get("parameters", {}):
            parameter["example"] = example["parameters"][parameter["name"]]
    if "request" in example:
        _show(
            operation["requestBody"], example.get("sent_as", "application/json"), example["request"]
        )
    if "answer" in example:
        answer = operation["responses"][str(example["status"])]
        _show(answer, "application/json", example["answer"])


def _show(holder: dict[str, Any], media_type: str, value: Any) -> None:
    holder["content"][media_type]["example"] = value
