"""What an app that was written against an older document would stumble over in a newer one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Node = dict[str, Any]
METHODS = ("get", "put", "post", "patch", "delete")
LOWER, UPPER = ("minimum", "minLength", "minItems"), ("maximum", "maxLength", "maxItems")


def breaks(old: Node, new: Node) -> list[str]:
    """A sentence for each promise of `old` that `new` does not keep; [] where it only adds."""
    return [f"{where}: {words}" for where, words in Comparison(old, new).all()]


class Comparison:
    """Less may be asked of what is sent, and more be said in what is answered."""

    def __init__(self, old: Node, new: Node) -> None:
        self.old, self.new = old, new

    def all(self) -> Iterator[tuple[str, str]]:
        for path, methods in self.old["paths"].items():
            for method in filter(methods.__contains__, METHODS):
                where = f"{method.upper()} {path}"
                after = self.new["paths"].get(path, {}).get(method)
                if after is None:
                    yield where, "is gone"
                    continue
                for words in self._operation(methods[method], after):
                    yield where, words

    def _operation(self, old: Node, new: Node) -> Iterator[str]:
        if old["operationId"] != new["operationId"]:
            yield f"is called {new['operationId']}, and was {old['operationId']}"
        if old.get("security") == [] and new.get("security") != []:
            yield "asks for a token"
        yield from self._parameters(_named(self.old, old), _named(self.new, new))
        yield from self._request(old.get("requestBody", {}), new.get("requestBody", {}))
        for status, answer in old["responses"].items():
            if status not in new["responses"]:
                yield f"answers {status} no more"
            else:
                yield from self._answer(status, answer, new["responses"][status])

    def _parameters(self, old: Node, new: Node) -> Iterator[str]:
        for name, after in new.items():
            needed = after.get("required") and not old.get(name, {}).get("required")
            if needed and after["in"] != "path":
                yield f"parameter {name} is required"
        for name, before in old.items():
            if name not in new:
                yield f"parameter {name} is gone"
            else:
                yield from self._sent(name, before.get("schema", {}), new[name].get("schema", {}))

    def _request(self, old: Node, new: Node) -> Iterator[str]:
        if new.get("required") and not old.get("required"):
            yield "a body is required"
        for kind, media in old.get("content", {}).items():
            if kind not in new.get("content", {}):
                yield f"takes {kind} no more"
            else:
                yield from self._sent("body", media["schema"], new["content"][kind]["schema"])

    def _answer(self, status: str, old: Node, new: Node) -> Iterator[str]:
        old, new = _resolved(self.old, old), _resolved(self.new, new)
        yield from (
            f"{status} has no header {name} any more"
            for name in sorted(old.get("headers", {}).keys() - new.get("headers", {}).keys())
        )
        for kind, media in old.get("content", {}).items():
            if kind not in new.get("content", {}):
                yield f"{status} is {kind} no more"
            else:
                after = new["content"][kind]["schema"]
                yield from self._told(status, media["schema"], after)

    def _sent(self, at: str, old: Node, new: Node, seen: frozenset[str] = frozenset()) -> Any:
        """Everything that was taken is taken still."""
        yield from self._shape(at, old, new, seen, self._sent, _narrowed, _needs)

    def _told(self, at: str, old: Node, new: Node, seen: frozenset[str] = frozenset()) -> Any:
        """Everything that was answered is answered still, in a form that was known."""
        yield from self._shape(at, old, new, seen, self._told, _widened, _lacks)

    def _shape(
        self,
        at: str,
        old: Node,
        new: Node,
        seen: frozenset[str],
        again: Any,
        limits: Any,
        keys: Any,
    ) -> Iterator[str]:
        name = old.get("$ref", "")
        if name and name in seen:
            return
        seen = seen | {name} if name else seen
        old, new = _flat(self.old, old), _flat(self.new, new)
        yield from (f"{at} {words}" for words in (*limits(old, new), *keys(old, new)))
        for field, before in old.get("properties", {}).items():
            if field in new.get("properties", {}):
                yield from again(f"{at}/{field}", before, new["properties"][field], seen)
        if "items" in old and "items" in new:
            yield from again(f"{at}/*", old["items"], new["items"], seen)


def _named(document: Node, operation: Node) -> Node:
    """Its parameters by name and place."""
    found = (_resolved(document, each) for each in operation.get("parameters", ()))
    return {f"{each['name']} ({each['in']})": each for each in found}


def _resolved(document: Node, node: Node) -> Node:
    while "$ref" in node:
        found: Any = document
        for part in node["$ref"].removeprefix("#/").split("/"):
            found = found[part]
        node = found
    return node


def _flat(document: Node, node: Node) -> Node:
    """References followed, and alternatives (a nullable reference, an enum or "") made one."""
    node = _resolved(document, node)
    several = [*node.get("oneOf", ()), *node.get("anyOf", ()), *node.get("allOf", ())]
    if not several:
        return node
    parts = [_flat(document, part) for part in several]
    whole: Node = {k: v for part in parts for k, v in part.items() if k not in ("type", "enum")}
    whole["type"] = sorted({kind for part in parts for kind in _types(part)})
    if all("enum" in part or part.get("type") == "null" for part in parts):
        whole["enum"] = [value for part in parts for value in part.get("enum", ())]
    return whole | {k: v for k, v in node.items() if k not in ("oneOf", "anyOf", "allOf")}


def _types(node: Node) -> set[str]:
    kind = node.get("type", [])
    found = {kind} if isinstance(kind, str) else set(kind)
    return found or ({"string"} if "enum" in node else set())


def _narrowed(old: Node, new: Node) -> Iterator[str]:
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


def _widened(old: Node, new: Node) -> Iterator[str]:
    """Forms of what is answered. A new value of an enum is no break: apps expect more of them."""
    before, after = _types(old), _types(new)
    if before and (not after or _missing(after, before)):
        yield f"may be {_missing(after, before) or 'anything'}"
    if old.get("format") != new.get("format") and "format" in old:
        yield "has another format"
    if "enum" in old and "enum" not in new:
        yield "may be any value"


def _needs(old: Node, new: Node) -> Iterator[str]:
    for field in sorted(set(new.get("required", ())) - set(old.get("required", ()))):
        yield f"needs {field}"
    for field in sorted(old.get("properties", {}).keys() - new.get("properties", {}).keys()):
        yield f"takes {field} no more"


def _lacks(old: Node, new: Node) -> Iterator[str]:
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
