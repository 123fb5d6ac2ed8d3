"""The type checkers accept what ``inferred*.py`` say and refuse every marked line of `mistakes.py`, and no other."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).parent
MARKED = {
    number for number, line in enumerate((HERE / "mistakes.py").read_text().splitlines(), 1) if "# mistake" in line
}
FILES = sorted(file.name for file in (*HERE.glob("inferred*.py"), HERE / "mistakes.py"))
pytestmark = pytest.mark.slow


def _mypy(tmp_path: Path, files: list[str], plugin: str) -> set[tuple[str, int]]:
    config = tmp_path / "mypy.ini"
    config.write_text(f"[mypy]\nstrict = True\n{plugin}\n")
    cache = HERE.parent.parent / ".mypy_cache" / ("typing-plugin" if plugin else "typing")
    command = [sys.executable, "-m", "mypy", "--config-file", str(config), "--cache-dir", str(cache), *files]
    ran = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=False)
    assert ran.returncode in (0, 1), ran.stdout + ran.stderr
    return {(Path(file).name, int(line)) for file, line in re.findall(r"^(.+?):(\d+): error:", ran.stdout, re.M)}


def test_at_least_80_mistakes_are_marked() -> None:
    assert len(MARKED) >= 80


def test_mypy_infers_the_types_and_refuses_every_mistake(tmp_path: Path) -> None:
    errors = _mypy(tmp_path, FILES, "")

    assert errors == {("mistakes.py", line) for line in MARKED}


def test_mypy_with_the_pydantic_plugin_says_the_same(tmp_path: Path) -> None:
    errors = _mypy(tmp_path, FILES, "plugins = pydantic.mypy")

    assert errors == {("mistakes.py", line) for line in MARKED}


def test_pyright_infers_the_types_and_refuses_every_mistake() -> None:
    command = [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable, "."]
    ran = subprocess.run(command, cwd=HERE, capture_output=True, text=True, check=False)

    found = [entry for entry in json.loads(ran.stdout)["generalDiagnostics"] if entry["severity"] == "error"]
    errors = {(Path(entry["file"]).name, entry["range"]["start"]["line"] + 1) for entry in found}
    assert errors == {("mistakes.py", line) for line in MARKED}
