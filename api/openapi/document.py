"""The OpenAPI document: made once, served to everybody."""

from __future__ import annotations

import functools
from typing import Any, ClassVar

from django.utils.translation import override
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiYamlRenderer
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api.framework.viewsets import EVERYBODY, Api


@functools.cache
def document() -> dict[str, Any]:
    """The same for everybody, in English, made once in each process."""
    with override("en"):
        made: dict[str, Any] = SchemaGenerator().get_schema(public=True)
    return made


@extend_schema(exclude=True)
class Document(Api):
    required_permissions: ClassVar = {"retrieve": EVERYBODY}

    def retrieve(self, request: Request) -> Response:
        return Response(document())


class JsonDocument(Document):
    renderer_classes = (OpenApiJsonRenderer,)


class YamlDocument(Document):
    renderer_classes = (OpenApiYamlRenderer,)
