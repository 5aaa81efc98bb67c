"""A bucket behind a real socket, and the settings that S3_BUCKET makes of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import boto3
from moto.server import ThreadedMotoServer

NAME = "toile-photos"


@contextmanager
def running_bucket() -> Iterator[str]:
    """The endpoint of a server of object storage that has our bucket."""
    server = ThreadedMotoServer("127.0.0.1", port=0, verbose=False)
    server.start()
    endpoint = "http://{}:{}".format(*server.get_host_and_port())
    keys = {"aws_access_key_id": "AKtest", "aws_secret_access_key": "s3cr3t"}
    client = boto3.client("s3", endpoint_url=endpoint, region_name="us-east-1", **keys)
    client.create_bucket(Bucket=NAME)
    try:
        yield endpoint
    finally:
        server.stop()


def storage(endpoint: str, **options: Any) -> dict[str, Any]:
    return {
        "BACKEND": "catalog.storage.object_storage.ObjectStorage",
        "OPTIONS": {
            "bucket_name": NAME,
            "endpoint_url": endpoint,
            "region_name": "us-east-1",
            "access_key": "AKtest",
            "secret_key": "s3cr3t",
            "addressing_style": "path",
        }
        | options,
    }
