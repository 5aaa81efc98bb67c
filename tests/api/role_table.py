"""The statuses that tests/api/test_roles.py expects, and the rows that its requests are about."""

from __future__ import annotations

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from catalog.models import Collection, Upload
from jobs.models import ProviderAccount
from tests.builders import (
    make_account,
    make_batch,
    make_gallery,
    make_garment,
    make_job,
    make_person,
    make_public,
    make_result,
)
from tests.pictures import photo


class World:
    """Rows of the house, and of one shopper; each is made when a request first asks for it."""

    def __init__(self, shopper: Any) -> None:
        self.shopper, self.uuid = shopper, uuid.uuid4()

    def address(self, path: str) -> str:
        """With the ids of rows in place of the names in braces."""
        return re.sub(r"{(\w+)}", lambda found: str(self.ids[found[1]]), path)

    ids: dict[str, Any] = {}
