"""A server that speaks the providers' protocols, so that all of Toile runs without a key.

It fetches the addresses it is sent and has an open control door: never offer it to strangers.
"""

from sandbox.server import Sandbox

__all__ = ["Sandbox"]
