"""How a job is to be made: model, options, extra steps. Stored as plain JSON on batch and job."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from providers.contract import Capabilities, Operation


@dataclass(frozen=True)
class Recipe:
    """`keep_rest`: keep the person's own other half. `refine`: run the refiner afterwards."""

    model: str = ""
    keep_rest: bool = False
    refine: bool = False
    samples: int = 1
    resolution: int = -1
    restore_face: bool = True
    extra: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def load(cls, stored: Mapping[str, Any]) -> Recipe:
        known = {f.name for f in fields(cls)}
        return cls(**{k: v for k, v in stored.items() if k in known})

    def dump(self) -> dict[str, Any]:
        return asdict(self)

    def summary(self) -> list[str]:
        """What differs from the plainest recipe, a few words each, without the model."""
        images = ngettext("%(n)s image", "%(n)s images", self.samples) % {"n": self.samples}
        differences = (
            (self.keep_rest, _("keep the rest")),
            (self.refine, _("refine")),
            (self.samples > 1, images),
            (self.resolution != -1, _("resolution %(n)s") % {"n": self.resolution}),
            (not self.restore_face, _("the face as the model makes it")),
            *((True, f"{name}: {value}") for name, value in self.extra.items()),
        )
        return [words for is_so, words in differences if is_so]

    def with_default_model(self, capabilities: Capabilities) -> Recipe:
        """With the model named: the provider's usual one, where none was chosen."""
        return replace(self, model=self.model or capabilities.default_model("tryon"))

    def adapted_to(self, capabilities: Capabilities) -> Recipe:
        """What of it this provider has, with the model named; the rest is as the provider does."""
        options = {option.name for option in capabilities.options}
        refine = self.refine and capabilities.refine
        fixed = refine or self.resolution not in capabilities.resolutions
        model = capabilities.models.get(self.model)
        return replace(
            self,
            model=self.model if model and model.operation == "tryon" else "",
            keep_rest=self.keep_rest and capabilities.keep_rest,
            refine=refine,
            samples=min(self.samples, capabilities.samples),
            resolution=-1 if fixed else self.resolution,
            restore_face=self.restore_face or refine or not capabilities.restore_face,
            extra={name: value for name, value in self.extra.items() if name in options},
        ).with_default_model(capabilities)

    def calls(self, capabilities: Capabilities) -> list[tuple[Operation, str, int]]:
        """The calls that one job takes, in order: operation, model, most images billed."""
        tryon = self.with_default_model(capabilities).model
        calls: list[tuple[Operation, str, int]] = [("tryon", tryon, self.samples)]
        if self.keep_rest and not capabilities.keeps_rest_itself:
            calls.insert(0, ("parse", capabilities.default_model("parse"), 1))
        if self.refine:
            calls.append(("refine", capabilities.default_model("refine"), 1))
        return calls

    def refusals(self, capabilities: Capabilities, slots: frozenset[str], gender: str) -> list[str]:
        """Why this provider cannot make this outfit by this recipe; empty when it can."""
        rules = [
            (bool(slots - capabilities.slots), _("This provider does not dress that garment.")),
            (self.samples > capabilities.samples, _("This provider makes fewer images a call.")),
            (
                bool(self.model) and self.model not in capabilities.models,
                _("This provider does not have that model."),
            ),
            (
                self.keep_rest and not capabilities.keep_rest,
                _("This provider cannot keep the person's other half."),
            ),
            (
                self.keep_rest and slots not in ({"top"}, {"bottom"}),
                _("Keeping the other half needs a top alone or a bottom alone."),
            ),
            (
                self.resolution not in capabilities.resolutions,
                _("This provider does not let that resolution be chosen."),
            ),
            (
                not self.restore_face and not capabilities.restore_face,
                _("This provider always restores the face."),
            ),
        ]
        if self.refine:
            rules += self._refine_rules(capabilities, slots, gender)
        return [reason for broken, reason in rules if broken]

    def _refine_rules(
        self, capabilities: Capabilities, slots: frozenset[str], gender: str
    ) -> list[tuple[bool, str]]:
        return [
            (not capabilities.refine, _("This provider cannot refine.")),
            (not gender, _("Refining needs the person's gender: set it on the person.")),
            (
                self.resolution != -1 or not self.restore_face,
                _("Refining needs resolution −1 and the restored face."),
            ),
            (
                slots == {"bottom"} and not self.keep_rest and not capabilities.runs_here,
                _("Refining needs a top: a bottom alone cannot be refined."),
            ),
        ]
