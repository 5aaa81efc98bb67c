"""`python -m sandbox`: the sandbox without Django."""

import argparse
from functools import partial

from sandbox.cli import add_arguments, run

if __name__ == "__main__":  # the engine's processes import this file again
    parser = argparse.ArgumentParser(prog="python -m sandbox", description=__doc__)
    add_arguments(parser)
    run(vars(parser.parse_args()), partial(print, flush=True))
