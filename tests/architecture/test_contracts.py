"""The layers of the design hold: the import contracts in `pyproject.toml`, and what importing the library costs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent


def test_the_import_contracts_are_kept() -> None:
    checked = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )

    assert checked.returncode == 0, checked.stdout


def test_importing_the_library_does_not_import_the_aws_sdk() -> None:
    program = (
        "import sys, ddbmodel, ddbmodel.streams; print(sorted({'aioboto3', 'botocore', 'boto3'} & set(sys.modules)))"
    )

    printed = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)

    assert printed.stdout.strip() == "[]"
