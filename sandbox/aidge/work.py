"""What an accepted Aidge task does beside the clock that moves it: fetch, check, make."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from PIL import Image, ImageChops

from sandbox.aidge.responses import GARMENT, MODEL_FAILED, MODEL_IMAGE, NO_FLAT_LAY
from sandbox.aidge.validation import Wanted
from sandbox.http_messages import Refused
from sandbox.input_images import Fetched, Fetcher
from sandbox.object_storage import Picture, Results
from sandbox.options import Options
from sandbox.result_images import NO_GARMENT, Renderer, drawn, varied
from sandbox.task_table import Task

# What is to be recognised goes where a top goes: the engine tells a dress by its height.
SLOTS = {"tops": "top", "dresses": "dress", "": "top"}
# The sizes of results in one version of the documents.
SIZES = {"top": (768, 1024), "dress": (576, 768)}


@dataclass(frozen=True)
class Inputs:
    """The images of one element; no models where the provider's library has them."""

    garment: Fetched
    models: Sequence[Fetched]


class Work:
    def __init__(self, renderer: Renderer, results: Results, options: Options) -> None:
        self._renderer = renderer
        self._results = results
        seconds, private = options.fetch_seconds, options.refuse_private
        self._garments = Fetcher(seconds, GARMENT, refuse_private=private)
        self._models = Fetcher(seconds, MODEL_IMAGE, refuse_private=private)

    def fetched(self, wanted: Wanted) -> Inputs:
        """The images of an element, checked. Raises Refused."""
        garment = self._garments.fetch(wanted.garment)
        if wanted.detect and not is_flat_lay(garment.data):
            raise NO_FLAT_LAY
        return Inputs(garment, [self._models.fetch(url) for url in wanted.model_images])

    def make(self, task: Task, wanted: Wanted, inputs: Inputs | None) -> None:
        """The images of a task, into the results: the models take turns. Raises Refused."""
        inputs = inputs or self.fetched(wanted)
        slot = SLOTS[wanted.type]
        # Nobody's photo: a model of the provider's library is drawn, engine or not.
        library: Picture = (partial(drawn, SIZES[slot], task.id), "image/jpeg")
        firsts = [
            self._dressed(model, {slot: inputs.garment}, image_name(task.id, n))
            for n, model in enumerate(inputs.models[: task.images])
        ] or [library]
        for n in range(task.images):
            turn, which = divmod(n, len(firsts))
            self._results.put(image_name(task.id, n), varied(firsts[which], turn))

    def _dressed(self, model: Fetched, garments: Mapping[str, Fetched], label: str) -> Picture:
        try:
            return self._renderer.tryon(model, garments, -1, label)
        except Refused as refused:
            raise (NO_FLAT_LAY if refused.code == NO_GARMENT.code else MODEL_FAILED) from None


def image_name(task_id: str, n: int) -> str:
    return f"{task_id}-{n}.jpg"


def is_flat_lay(data: bytes) -> bool:
    """Whether one thing lies whole on plain ground: all around the edge is of one colour."""
    with Image.open(io.BytesIO(data)) as image:
        small = image.convert("RGB").resize((64, 64), Image.Resampling.BOX)
    ground = Image.new("RGB", small.size, small.getpixel((1, 1)))
    differs = ImageChops.difference(small, ground).convert("L").point(lambda v: 255 * (v > 24))
    box = differs.getbbox()
    return box is not None and box[0] > 0 and box[1] > 0 and box[2] < 64 and box[3] < 64
