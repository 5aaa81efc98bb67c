"""Chinese dates are Django's own; only a day without its year loses its leading zeros."""

MONTH_DAY_FORMAT = "n月j日"
