"""The contract that every provider's adapter implements. Knows neither the ORM nor settings."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from providers.error_meanings import Meaning
from providers.image_rules import Rule

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

Kind = Literal["input", "content", "account", "throttled", "transient", "unsupported"]
Sent = Literal["no", "maybe", "yes"]
Operation = Literal["parse", "tryon", "refine"]
State = Literal["pending", "running", "succeeded", "failed", "canceled", "lost"]


class ProviderError(Exception):
    """A failed call or task: the provider's code and message, and our kind.

    `sent` says whether the provider may have begun (and billed) work: "no" is proven unsent,
    "maybe" must be reconciled before anything is tried again, "yes" was answered by the provider.
    """

    def __init__(
        self, code: str, message: str = "", *, kind: Kind, sent: Sent, status: int | None = None
    ) -> None:
        self.code = code[:100]
        self.message = message[:300]
        self.kind = kind
        self.sent = sent
        self.status = status
        super().__init__(f"{self.code}: {self.message}" if self.message else self.code)


class Unsupported(ProviderError):
    """The request cannot be expressed to this provider; nothing was sent."""

    def __init__(self, message: str) -> None:
        super().__init__("unsupported", message, kind="unsupported", sent="no")


@dataclass(frozen=True)
class ImageRef:
    """One input image: `url` where the provider can fetch it, `read` for its bytes (JPEG).

    `photo_type` of a garment: flat or worn.
    """

    sha256: str
    read: Callable[[], bytes] = field(repr=False, compare=False)
    url: str = field(default="", repr=False)
    width: int = 0
    height: int = 0
    photo_type: str = ""


@dataclass(frozen=True)
class TryOnRequest:
    """One provider call, independent of the provider.

    `garments` maps slot (top, bottom, dress) to its image; `coarse` is the try-on to refine,
    `parts` are the slots to cut out. `resolution` -1 keeps that of the person's photo. `extra`
    holds what only this provider takes.
    """

    operation: Operation
    model: str
    person: ImageRef
    garments: Mapping[str, ImageRef] = field(default_factory=dict)
    coarse: ImageRef | None = None
    parts: tuple[str, ...] = ()
    gender: str = ""
    body: str = ""
    view: str = ""
    resolution: int = -1
    restore_face: bool = True
    samples: int = 1
    extra: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class RemoteImage:
    """One finished image: an address to download (`url`), or its bytes where made here (`data`).

    `part` names what a parse cut out: top, bottom or dress.
    """

    url: str = field(default="", repr=False)
    data: bytes = field(default=b"", repr=False)
    part: str = ""


@dataclass(frozen=True)
class Outcome:
    """The outcome of a submit or of a poll.

    `usage` is the number of images the provider says it billed; `retry_after` is in seconds;
    `raw` is the provider's answer without secrets or signed addresses.
    """

    state: State
    remote_id: str = ""
    images: Sequence[RemoteImage] = ()
    error: ProviderError | None = None
    retry_after: float | None = None
    usage: int | None = None
    warnings: Sequence[str] = ()
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @classmethod
    def failed(cls, error: ProviderError, **kwargs: Any) -> Outcome:
        """Return a failed outcome; `kwargs` are other fields of Outcome."""
        return cls("failed", error=error, **kwargs)


@dataclass(frozen=True)
class RemoteTask:
    """One row of the provider's own list of tasks."""

    remote_id: str
    model: str
    created_at: datetime
    state: State


@dataclass(frozen=True)
class Model:
    """One model of a provider: what it does.

    `max_images_per_sample`: how many images may come, and be billed, for each one asked for.
    `in_task_list`: its calls are in the provider's list, so that a lost one can be found again.
    """

    operation: Operation
    in_task_list: bool = True
    max_images_per_sample: int = 1


@dataclass(frozen=True)
class Choice:
    """One value of an option: `key` stands for it in a form, `value` goes into the recipe."""

    key: str
    label: str
    value: Any


@dataclass(frozen=True)
class Option:
    """An option of one provider; its value goes into the recipe's `extra` under `name`.

    Without `choices` it is a checkbox: True or left out. Otherwise it is one of them or left out,
    which `unset_label` describes. The texts are English msgids: forms translate them.
    """

    name: str
    label: str
    help: str = ""
    choices: tuple[Choice, ...] = ()
    unset_label: str = ""


@dataclass(frozen=True)
class Capabilities:
    """What a provider can do; anything else is refused before it is queued.

    Rates are per second, `concurrency` and `lookahead` count tasks, `result_life_s` is how long
    the provider remembers a result (None: we keep it ourselves).
    """

    models: Mapping[str, Model]
    slots: frozenset[str] = frozenset({"top", "bottom", "dress"})
    samples: int = 1
    resolutions: tuple[int, ...] = (-1,)  # -1: as the person's photo
    restore_face: bool = False  # lets the face be left as it comes
    options: tuple[Option, ...] = ()
    keep_rest: bool = False  # can keep the person's other half ...
    keeps_rest_itself: bool = False  # ... without a parse of its own: it never invents one
    refine: bool = False
    cancel: bool = False
    list: bool = False
    runs_here: bool = False
    group_size: int = 1
    concurrency: int = 1
    lookahead: int = 0
    submits_per_s: float = 10
    queries_per_s: float = 20
    typical_s: float = 10
    result_life_s: int | None = None

    def default_model(self, operation: Operation) -> str:
        """The first model listed for this operation, or "" where there is none."""
        return next((name for name, m in self.models.items() if m.operation == operation), "")


class Provider(ABC):
    """An adapter: translates, and neither sleeps, retries, nor reads settings.

    Expected failures are returned as `Outcome.failed(...)`, never raised: a raised exception is a
    fault in the adapter, and the caller must then assume that the call may have been sent.
    """

    # Its short name in API answers and tables: that of its package.
    name: ClassVar[str] = ""
    # What pages show instead of its alias and of its models' ids.
    display_name: ClassVar[StrOrPromise] = ""
    model_names: ClassVar[Mapping[str, StrOrPromise]] = {}
    # Its rules for photos, checked before anything is sent.
    image_rules: ClassVar[tuple[Rule, ...]] = ()
    # Its list prices by model, in the form of the settings' PRICES, which override them. A model
    # without any price is free.
    prices: ClassVar[Mapping[str, Mapping[str, Any]]] = {}
    # What its error codes mean, for people.
    error_help: ClassVar[tuple[Meaning, ...]] = ()
    capabilities: Capabilities
    # Supported deliveries; the first two are URLs that it fetches (`ImageRef.url`).
    deliveries: ClassVar[frozenset[str]] = frozenset({"signed", "object-storage"})

    @classmethod
    def unavailable_reason(cls, options: Mapping[str, Any]) -> str:
        """Return why this provider cannot be used with these options; "" when it can."""
        return ""

    @abstractmethod
    def __init__(self, **options: Any) -> None: ...

    @abstractmethod
    def submit(self, requests: Sequence[TryOnRequest]) -> list[Outcome]:
        """Send one call; one outcome per request, in order. `pending` means accepted."""

    @abstractmethod
    def poll(self, remote_ids: Sequence[str]) -> list[Outcome]:
        """Query accepted calls; one outcome per id.

        A failed outcome whose error has `sent` "yes" is a failed task; any other is a failed
        query, which proves nothing about the task.
        """

    def query_key(self, remote_id: str) -> str:
        """Return a key; ids with the same key are queried by one request, in one `poll`."""
        return remote_id

    def cancel(self, remote_id: str) -> bool:
        """Cancel a task that has not begun; True when the provider agreed."""
        return False

    def recent(self, since: datetime, until: datetime) -> list[RemoteTask]:
        """Return the provider's tasks created in a window. Raises ProviderError."""
        raise Unsupported("This provider cannot list its tasks.")
