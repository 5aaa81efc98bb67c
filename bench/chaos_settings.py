"""The project's settings with a second DashScope account and short patience, for chaos.py."""

from __future__ import annotations

import os

from tryon_site.settings import *  # noqa: F403
from tryon_site.settings import PROVIDERS

TIMEOUT_S = 5.0

for alias in ("dashscope", "aliyun-market", "aidge"):
    PROVIDERS[alias]["OPTIONS"]["timeout_s"] = TIMEOUT_S

PROVIDERS["dashscope-2"] = {
    **PROVIDERS["dashscope"],
    "OPTIONS": PROVIDERS["dashscope"]["OPTIONS"] | {"api_key": os.environ["DASHSCOPE_2_API_KEY"]},
}
