"""A web process offers the local engine without loading its libraries."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEAVY = ("cv2", "mediapipe", "numpy", "matplotlib", "jax")
SERVE = f"""
import sys
import django
django.setup()
from django.test.utils import setup_test_environment
from django.core.management import call_command
setup_test_environment()
call_command("migrate", verbosity=0)
from django.contrib.auth.models import User
from django.test import Client
from tests.factories import make_garment, make_person
client = Client()
client.force_login(User.objects.create_superuser("boss", password="x"))
ids = make_person().pk, make_garment().pk
paths = ["/overview/", "/garments/", "/persons/", "/batches/", "/review/", "/sheet/", "/admin/"]
paths += ["/statistics/", "/imports/", "/garments/%d/" % ids[1], "/persons/%d/" % ids[0]]
paths += ["/launch/?persons=%d&garments=%d" % ids, "/g/", "/galleries/"]
for path in paths:
    status = client.get(path).status_code
    assert status == 200, (path, status)
print(*(name for name in {HEAVY!r} if name in sys.modules))
"""


def test_its_main_pages_load_no_engine(tmp_path: Path) -> None:
    env = {
        "PATH": "/usr/bin:/bin",
        "DJANGO_SETTINGS_MODULE": "tryon_site.settings",
        "DEBUG": "true",
        "VAR_DIR": str(tmp_path),
        "DATABASE_URL": f"sqlite:///{tmp_path / 'web.sqlite3'}",
    }
    done = subprocess.run(
        [sys.executable, "-c", SERVE],
        cwd=ROOT,
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == []
