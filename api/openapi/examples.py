"""Real requests and answers: tests/api/test_examples.py sends each, and compares the answer.

In examples.yaml, by operation id: `as` a role (a shopper), of which `rows` (the team's),
`parameters` of the address, the `request` and its media type (`sent_as`); `status` and `answer`
are written down by the test when it runs with RECORD_EXAMPLES=1.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import yaml

FILE = Path(__file__).with_name("examples.yaml")
JSON = "application/json"


@functools.cache
def known() -> dict[str, dict[str, Any]]:
    loaded: dict[str, dict[str, Any]] = yaml.load(FILE.read_bytes(), Loader=yaml.CSafeLoader)
    return loaded


def attach(operation: dict[str, Any]) -> None:
    """Show the example of this operation, if there is one, where the document has room for it."""
    example = known().get(operation["operationId"], {})
    for parameter in operation.get("parameters", ()):
        if parameter["name"] in example.get("parameters", ()):
            parameter["example"] = example["parameters"][parameter["name"]]
    if "request" in example:
        _show(operation["requestBody"], example.get("sent_as", JSON), example["request"])
    if "answer" in example:
        _show(operation["responses"][str(example["status"])], JSON, example["answer"])


def _show(holder: dict[str, Any], media_type: str, value: Any) -> None:
    holder["content"][media_type]["example"] = value
