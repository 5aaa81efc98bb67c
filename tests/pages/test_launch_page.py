from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from tests.builders import make_garment, make_person

from .conftest import client_of
from tests.builders import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def merchandiser(db: None) -> Client:
    return client_of(make_user("mer"), "add_batch", "add_preset", "change_preset", "delete_preset")


def test_it_works(merchandiser: Client) -> None:
    p, g = make_person(), make_garment()
    text = merchandiser.get(f"/launch/?persons={p.pk}&garments={g.pk}").content.decode()
    assert "Launch 1 job" in text
