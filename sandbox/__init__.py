"""A server that simulates the providers' protocols, so that all of Toile runs without a key.

It fetches the addresses it is sent, and its control endpoints are open: never expose it.
"""

from sandbox.server import Sandbox

__all__ = ["Sandbox"]
