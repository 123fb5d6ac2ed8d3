"""``make demo`` does what it says, and leaves nothing behind."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent


@pytest.mark.slow
def test_the_demo_ends_with_every_check_held(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "examples.films"],
        cwd=ROOT,
        env={"TMPDIR": str(tmp_path), "COLUMNS": "100", "PATH": ""},
        capture_output=True,
        text=True,
        timeout=120,
    )

    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "NO" not in ran.stdout.split()
    assert list(tmp_path.iterdir()) == []


def test_the_data_set_is_the_published_one() -> None:
    content = (ROOT / "examples/data/movies.json").read_bytes()

    blob = hashlib.sha1(b"blob %d\x00" % len(content) + content, usedforsecurity=False).hexdigest()

    assert blob == "e38178f99454568c5160fc759184a1a1471cc558"
