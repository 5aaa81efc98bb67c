"""The site that is fuzzed: it has no workers, so waiting for jobs would only take time."""

from __future__ import annotations

from importlib import import_module

# The first sets up Django, the second loads the API in its usual order.
application = import_module("tryon_site.wsgi").application
import_module("tryon_site.urls")
import_module("api.framework.long_poll").until = lambda _news, _most_s: None
