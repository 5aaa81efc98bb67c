"""What an app that was written against an older document would stumble over in a newer one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from api.openapi import compatibility_rules as rules

Node = dict[str, Any]
METHODS = ("get", "put", "post", "patch", "delete")


def breaks(old: Node, new: Node) -> list[str]:
    """A sentence for each promise of `old` that `new` does not keep; [] where it only adds."""
    return [f"{where}: {words}" for where, words in Comparison(old, new).all()]


class Comparison:
    """Less may be asked of what is sent, and more be given in what is answered."""

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
        yield from self._parameters(rules.named(self.old, old), rules.named(self.new, new))
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
        old, new = rules.resolved(self.old, old), rules.resolved(self.new, new)
        yield from (
            f"{status} has no header {name} any more"
            for name in sorted(old.get("headers", {}).keys() - new.get("headers", {}).keys())
        )
        for kind, media in old.get("content", {}).items():
            if kind not in new.get("content", {}):
                yield f"{status} is {kind} no more"
            else:
                after = new["content"][kind]["schema"]
                yield from self._answered(status, media["schema"], after)

    def _sent(self, at: str, old: Node, new: Node, seen: frozenset[str] = frozenset()) -> Any:
        """Everything that was taken is taken still."""
        yield from self._shape(at, old, new, seen, self._sent, rules.narrowed, rules.needs)

    def _answered(self, at: str, old: Node, new: Node, seen: frozenset[str] = frozenset()) -> Any:
        """Everything that was answered is answered still, in a form that was known."""
        yield from self._shape(at, old, new, seen, self._answered, rules.widened, rules.lacks)

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
        old, new = rules.flat(self.old, old), rules.flat(self.new, new)
        yield from (f"{at} {words}" for words in (*limits(old, new), *keys(old, new)))
        for field, before in old.get("properties", {}).items():
            if field in new.get("properties", {}):
                yield from again(f"{at}/{field}", before, new["properties"][field], seen)
        if "items" in old and "items" in new:
            yield from again(f"{at}/*", old["items"], new["items"], seen)
