"""What DashScope's models cost in CNY per image, where the settings do not say otherwise.

Source: the price list of June 2025. The refiner is the only one that gets cheaper by number. The
free quota that a new account has is not assumed, see DASHSCOPE_PRICES in .env.example.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

PRICES: Mapping[str, Mapping[str, Any]] = {
    "aitryon-plus": {"price": "0.50"},
    "aitryon": {"price": "0.20"},
    "aitryon-refiner": {
        "tiers": [
            [25, "0.30"],
            [125, "0.275"],
            [250, "0.25"],
            [1250, "0.225"],
            [2500, "0.20"],
            [25000, "0.175"],
            [None, "0.15"],
        ]
    },
    "aitryon-parsing-v1": {"price": "0.004"},
}
