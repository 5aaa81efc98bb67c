"""The names that pages show instead of aliases and model ids."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import translation

from providers import registry

ALIASES = ("local", "dashscope", "aliyun-market", "aidge")


def test_it_works() -> None:
    assert registry.provider_name("dashscope") == "Alibaba DashScope"
    assert registry.model_name("dashscope", "aitryon-plus") == "AI Try-On Plus"
    both = registry.provider_and_model("dashscope", "aitryon-plus")
    assert both == "Alibaba DashScope · AI Try-On Plus"


@pytest.mark.usefixtures("compiled_messages")
def test_names_are_translated() -> None:
    with translation.override("zh-hans"):
        assert registry.provider_name("local") == "本地引擎"
        assert registry.model_name("dashscope", "aitryon-plus") == "AI试衣 Plus 版"


@pytest.mark.parametrize("alias", ALIASES)
def test_every_model_has_a_name(alias: str) -> None:
    assert registry.provider_name(alias) != alias
    assert set(registry.backend(alias).model_names) == set(registry.capabilities(alias).models)


def test_the_name_of_a_package_is_known_too() -> None:
    assert registry.provider_name("aliyun_market") == "Alibaba Cloud Market"


def test_unknown_ids_are_kept() -> None:
    assert registry.provider_name("gone") == "gone"
    assert registry.model_name("gone", "v1") == "v1"
    assert registry.model_name("dashscope", "aitryon-next") == "aitryon-next"


def test_a_model_that_is_the_alias_is_not_repeated() -> None:
    assert registry.provider_and_model("local", "local") == "Local engine"
    assert registry.provider_and_model("local", "") == "Local engine"


def test_two_aliases_of_one_provider_are_distinguished(settings: Any) -> None:
    dashscope = settings.PROVIDERS["dashscope"]
    settings.PROVIDERS = settings.PROVIDERS | {"dashscope-2": dashscope}
    assert registry.provider_name("dashscope-2") == "Alibaba DashScope (dashscope-2)"
