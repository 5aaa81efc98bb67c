"""The work of an accepted DashScope task: fetch, check, make the image."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.dashscope.validation import REFINER, CheckedRequest
from sandbox.http_messages import Refused
from sandbox.input_images import BAD_MEDIA, Fetcher, InputImage, check_image
from sandbox.object_storage import Picture, Results, Uploads
from sandbox.result_images import Renderer
from sandbox.task_table import Task, TaskTable
from sandbox.workers import Workers

SIZES_DIFFER = Refused(
    400, "InvalidParameter", "The size of person image and coarse_image are not the same."
)


class Work:
    """Fetches the inputs of requests and makes their results."""

    def __init__(
        self,
        table: TaskTable,
        renderer: Renderer,
        results: Results,
        uploads: Uploads,
        fetcher: Fetcher,
    ) -> None:
        self._renderer = renderer
        self._results = results
        self._uploads = uploads
        self._fetcher = fetcher
        self._workers = Workers(table)

    def start(
        self, task: Task, wanted: CheckedRequest, images: dict[str, InputImage] | None
    ) -> None:
        """Start the work of a task; `images` if they were fetched before it was accepted."""
        self._workers.start(task, lambda: self._work(task, wanted, images))

    def close(self) -> None:
        """Cancel what has not begun."""
        self._workers.close()

    def fetch_inputs(self, wanted: CheckedRequest, owner: str) -> dict[str, InputImage]:
        """Fetch and check the images of a request, by role. Raises Refused."""
        return {
            role: self._input_image(url, owner, wanted.model)
            for role, url in wanted.addresses.items()
        }

    def _work(
        self, task: Task, wanted: CheckedRequest, images: dict[str, InputImage] | None
    ) -> None:
        made = self._result_picture(task, wanted, images or self.fetch_inputs(wanted, task.owner))
        self._results.put(f"{task.id}.jpg", made)

    def _result_picture(
        self, task: Task, wanted: CheckedRequest, images: Mapping[str, InputImage]
    ) -> Picture:
        person = images["person"]
        if wanted.model == REFINER:
            if images["coarse"].size != person.size:
                raise SIZES_DIFFER
            return self._renderer.refine(person, images["coarse"], task.id)
        garments = {slot: images[slot] for slot in ("top", "bottom") if slot in images}
        return self._renderer.tryon(person, garments, wanted.resolution, task.id)

    def _input_image(self, url: str, owner: str, model: str) -> InputImage:
        if not url.startswith("oss://"):
            return self._fetcher.fetch(url)
        data = self._uploads.read(url.removeprefix("oss://"), owner, model)
        if data is None:
            raise BAD_MEDIA
        return check_image(data)
