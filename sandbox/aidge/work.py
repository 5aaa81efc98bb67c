"""The work of an accepted Aidge task: fetch, check, make the images."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from PIL import Image, ImageChops

from sandbox.aidge.responses import GARMENT, MODEL_FAILED, MODEL_IMAGE, NO_FLAT_LAY
from sandbox.aidge.validation import Element
from sandbox.http_messages import Refused
from sandbox.input_images import Fetcher, InputImage
from sandbox.object_storage import Picture, Results
from sandbox.options import Options
from sandbox.result_images import NO_GARMENT, Renderer, draw_picture, vary_picture
from sandbox.task_table import Task

# A type to be recognised is sent as a top: the engine recognises a dress by its height.
SLOTS = {"tops": "top", "dresses": "dress", "": "top"}
# The sizes of results in one version of the documents.
SIZES = {"top": (768, 1024), "dress": (576, 768)}


@dataclass(frozen=True)
class Inputs:
    """The images of one element; no models where the provider's library has them."""

    garment: InputImage
    models: Sequence[InputImage]


class Work:
    """Fetches the inputs of elements and makes their results."""

    def __init__(self, renderer: Renderer, results: Results, options: Options) -> None:
        self._renderer = renderer
        self._results = results
        seconds, private = options.fetch_seconds, options.refuse_private
        self._garments = Fetcher(seconds, GARMENT, refuse_private=private)
        self._models = Fetcher(seconds, MODEL_IMAGE, refuse_private=private)

    def fetch_inputs(self, wanted: Element) -> Inputs:
        """Fetch and check the images of an element. Raises Refused."""
        garment = self._garments.fetch(wanted.garment)
        if wanted.detect and not is_flat_lay(garment.data):
            raise NO_FLAT_LAY
        return Inputs(garment, [self._models.fetch(url) for url in wanted.model_images])

    def make(self, task: Task, wanted: Element, inputs: Inputs | None) -> None:
        """Store the images of a task in the results: the models take turns. Raises Refused."""
        inputs = inputs or self.fetch_inputs(wanted)
        slot = SLOTS[wanted.type]
        # A library model has no photo: it is drawn, with the engine or without.
        library: Picture = (partial(draw_picture, SIZES[slot], task.id), "image/jpeg")
        firsts = [
            self._dress(model, {slot: inputs.garment}, image_name(task.id, n))
            for n, model in enumerate(inputs.models[: task.images])
        ] or [library]
        for n in range(task.images):
            turn, which = divmod(n, len(firsts))
            self._results.put(image_name(task.id, n), vary_picture(firsts[which], turn))

    def _dress(self, model: InputImage, garments: Mapping[str, InputImage], label: str) -> Picture:
        try:
            return self._renderer.tryon(model, garments, -1, label)
        except Refused as refused:
            raise (NO_FLAT_LAY if refused.code == NO_GARMENT.code else MODEL_FAILED) from None


def image_name(task_id: str, n: int) -> str:
    """Return the name of a task's image number `n`."""
    return f"{task_id}-{n}.jpg"


def is_flat_lay(data: bytes) -> bool:
    """Tell whether one object lies whole on a plain ground: the edge has one colour all around."""
    with Image.open(io.BytesIO(data)) as image:
        small = image.convert("RGB").resize((64, 64), Image.Resampling.BOX)
    ground = Image.new("RGB", small.size, small.getpixel((1, 1)))
    differs = ImageChops.difference(small, ground).convert("L").point(lambda v: 255 * (v > 24))
    box = differs.getbbox()
    return box is not None and box[0] > 0 and box[1] > 0 and box[2] < 64 and box[3] < 64
