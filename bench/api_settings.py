"""The project's settings with a plain page of DRF beside the API, and no limits, for api.py."""

from __future__ import annotations

from tryon_site.settings import *  # noqa: F403
from tryon_site.settings import REST_FRAMEWORK

ROOT_URLCONF = "api_plain"
REST_FRAMEWORK = REST_FRAMEWORK | {
    "DEFAULT_THROTTLE_RATES": dict.fromkeys(REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"], "9999999/s")
}
