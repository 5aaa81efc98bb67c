"""The statuses that tests/api/test_roles.py expects, and the rows that its requests are about."""

from __future__ import annotations

import re
import uuid
from typing import Any


class World:
    """Rows of the house, and of one shopper; each is made when a request first asks for it."""

    def __init__(self, shopper: Any) -> None:
        self.shopper, self.uuid = shopper, uuid.uuid4()

    def address(self, path: str) -> str:
        """With the ids of rows in place of the names in braces."""
        return re.sub(r"{(\w+)}", lambda found: str(self.ids[found[1]]), path)

    ids: dict[str, Any] = {}
