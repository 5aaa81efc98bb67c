"""What an accepted DashScope task does beside the clock that moves it: fetch, check, make."""

from __future__ import annotations

from collections.abc import Mapping

from sandbox.dashscope.validation import REFINER, Wanted
from sandbox.http_messages import Refused
from sandbox.input_images import BAD_MEDIA, Fetched, Fetcher, checked
from sandbox.object_storage import Picture, Results, Uploads
from sandbox.result_images import Renderer
from sandbox.task_table import Task, TaskTable
from sandbox.workers import Workers

SIZES_DIFFER = Refused(
    400, "InvalidParameter", "The size of person image and coarse_image are not the same."
)


class Work:
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

    def begin(self, task: Task, wanted: Wanted, images: dict[str, Fetched] | None) -> None:
        """Start on a task; `images` where they were fetched before it was accepted."""
        self._workers.begin(task, lambda: self._work(task, wanted, images))

    def close(self) -> None:
        self._workers.close()

    def fetched(self, wanted: Wanted, owner: str) -> dict[str, Fetched]:
        """The images of a request by role, checked. Raises Refused."""
        return {
            role: self._image(url, owner, wanted.model) for role, url in wanted.addresses.items()
        }

    def _work(self, task: Task, wanted: Wanted, images: dict[str, Fetched] | None) -> None:
        made = self._made(task, wanted, images or self.fetched(wanted, task.owner))
        self._results.put(f"{task.id}.jpg", made)

    def _made(self, task: Task, wanted: Wanted, images: Mapping[str, Fetched]) -> Picture:
        person = images["person"]
        if wanted.model == REFINER:
            if images["coarse"].size != person.size:
                raise SIZES_DIFFER
            return self._renderer.refine(person, images["coarse"], task.id)
        garments = {slot: images[slot] for slot in ("top", "bottom") if slot in images}
        return self._renderer.tryon(person, garments, wanted.resolution, task.id)

    def _image(self, url: str, owner: str, model: str) -> Fetched:
        if not url.startswith("oss://"):
            return self._fetcher.fetch(url)
        data = self._uploads.read(url.removeprefix("oss://"), owner, model)
        if data is None:
            raise BAD_MEDIA
        return checked(data)
