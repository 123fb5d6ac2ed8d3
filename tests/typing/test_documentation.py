"""Both type checkers accept the Python blocks of the README and the docs, as a reader would paste them.

The blocks of a page are one module, each at the lines that it has on the page, so that an error names them. A page
uses ``await`` at the top, as a notebook does, which the checkers complain about and which is passed over here.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parent.parent.parent
_BLOCK: Final = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_AT_THE_TOP: Final = re.compile(
    r'top-level-await|"await" (outside|allowed only within)|[Uu]se of "async" not allowed outside|'
    r'"async (for|with)" outside|[Aa]synchronous comprehension outside|outside of async function|outside async function'
)
# A page may leave out the types of its own functions where they do not matter.
_MYPY: Final = ["--strict", "--allow-untyped-defs", "--allow-incomplete-defs", "--allow-untyped-calls"]

pytestmark = pytest.mark.slow


def _pages() -> list[Path]:
    return [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def _written(folder: Path) -> dict[str, Path]:
    """Write a module for each page with Python and return which page each file is."""
    pages: dict[str, Path] = {}
    for page in _pages():
        text = page.read_text(encoding="utf-8")
        lines: list[str] = []
        for block in _BLOCK.finditer(text):
            lines += [""] * (text.count("\n", 0, block.start(1)) - len(lines)) + block[1].splitlines()
        if lines:
            name = re.sub(r"\W+", "_", str(page.relative_to(ROOT).with_suffix(""))).lower()
            (folder / f"page_{name}.py").write_text("\n".join(lines) + "\n", encoding="utf-8")
            pages[f"page_{name}.py"] = page
    return pages


def _mypy(folder: Path) -> list[tuple[str, int, str]]:
    cache = ROOT / ".mypy_cache" / "docs"
    command = [sys.executable, "-m", "mypy", "--config-file", "", "--cache-dir", str(cache), *_MYPY, "."]
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert ran.returncode in (0, 1), ran.stdout + ran.stderr
    found = re.findall(r"^(\S+\.py):(\d+): error: (.+)$", ran.stdout, re.M)
    return [(file, int(line), message) for file, line, message in found]


def _pyright(folder: Path) -> list[tuple[str, int, str]]:
    command = [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable, "."]
    ran = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    found = [entry for entry in json.loads(ran.stdout)["generalDiagnostics"] if entry["severity"] == "error"]
    return [
        (Path(entry["file"]).name, entry["range"]["start"]["line"] + 1, entry["message"].splitlines()[0])
        for entry in found
    ]


_CHECKERS: Final = [_mypy, _pyright]


@pytest.mark.parametrize("checker", _CHECKERS, ids=["mypy", "pyright"])
def test_the_code_on_the_pages_is_typed(checker: Callable[[Path], list[tuple[str, int, str]]], tmp_path: Path) -> None:
    pages = _written(tmp_path)
    (tmp_path / "wrong.py").write_text(
        "from ddbmodel import Attr, Model, partition_key\n\n\n"
        "class Note(Model, table='notes'):\n    note_id: Attr[str] = partition_key()\n\n\n"
        "Note(note_id=1)\n"
    )

    errors = [error for error in checker(tmp_path) if not _AT_THE_TOP.search(error[2])]

    assert [(file, line) for file, line, _ in errors if file == "wrong.py"] == [("wrong.py", 8)], "it was not checked"
    told = [f"{pages[file].relative_to(ROOT)}:{line}: {text}" for file, line, text in errors if file != "wrong.py"]
    assert told == []
