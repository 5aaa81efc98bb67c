"""When one shape keeps what another promised: for what is sent, and for what is answered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Node = dict[str, Any]
LOWER, UPPER = ("minimum", "minLength", "minItems"), ("maximum", "maxLength", "maxItems")


def named(document: Node, operation: Node) -> Node:
    """Its parameters by name and place."""
    found = (resolved(document, each) for each in operation.get("parameters", ()))
    return {f"{each['name']} ({each['in']})": each for each in found}


def resolved(document: Node, node: Node) -> Node:
    while "$ref" in node:
        found: Any = document
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        node = found
    return node


def flat(document: Node, node: Node) -> Node:
    """References followed, and alternatives (a nullable reference, an enum or "") made one."""
    node = resolved(document, node)
    several = [*node.get("oneOf", ()), *node.get("anyOf", ()), *node.get("allOf", ())]
    if not several:
        return node
    parts = [flat(document, part) for part in several]
    whole: Node = {k: v for part in parts for k, v in part.items() if k not in ("type", "enum")}
    whole["type"] = sorted({kind for part in parts for kind in _types(part)})
    if all("enum" in part or part.get("type") == "null" for part in parts):
        whole["enum"] = [value for part in parts for value in part.get("enum", ())]
    return whole | {k: v for k, v in node.items() if k not in ("oneOf", "anyOf", "allOf")}


def _types(node: Node) -> set[str]:
    kind = node.get("type", [])
    found = {kind} if isinstance(kind, str) else set(kind)
    return found or ({"string"} if "enum" in node else set())


def narrowed(old: Node, new: Node) -> Iterator[str]:
    """Limits of what is sent."""
    if gone := _missing(_types(old), _types(new)):
        yield f"may be {gone} no more"
    if "enum" in new and (gone := _missing(old.get("enum", ["anything"]), new["enum"])):
        yield f"may be {gone} no more"
    for name in ("format", "pattern"):
        if name in new and new[name] != old.get(name):
            yield f"has another {name}"
    low = any(new[n] > old.get(n, float("-inf")) for n in LOWER if n in new)
    if low or any(new[n] < old.get(n, float("inf")) for n in UPPER if n in new):
        yield "has narrower limits"


def widened(old: Node, new: Node) -> Iterator[str]:
    """Forms of what is answered. A new value of an enum is no break: apps expect more of them."""
    before, after = _types(old), _types(new)
    if before and (not after or _missing(after, before)):
        yield f"may be {_missing(after, before) or 'anything'}"
    if old.get("format") != new.get("format") and "format" in old:
        yield "has another format"
    if "enum" in old and "enum" not in new:
        yield "may be any value"


def needs(old: Node, new: Node) -> Iterator[str]:
    for field in sorted(set(new.get("required", ())) - set(old.get("required", ()))):
        yield f"needs {field}"
    for field in sorted(old.get("properties", {}).keys() - new.get("properties", {}).keys()):
        yield f"takes {field} no more"


def lacks(old: Node, new: Node) -> Iterator[str]:
    for field in sorted(old.get("properties", {}).keys() - new.get("properties", {}).keys()):
        yield f"has no {field} any more"
    kept = new.get("properties", {}).keys()
    for field in sorted(set(old.get("required", ())) - set(new.get("required", ()))):
        if field in kept:
            yield f"may lack {field}"


def _missing(wanted: Any, there: Any) -> str:
    """`integer` is a `number`, too; what has no type at all may be anything."""
    wanted, there = set(wanted), set(there)
    if not there:
        return ""
    if "number" in there:
        there.add("integer")
    return ", ".join(sorted(str(each) for each in wanted - there))
