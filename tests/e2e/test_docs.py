"""Every Python block of the README and the docs runs, and output that is shown is output that is printed.

The blocks of a page run in order in one namespace, with top-level ``await``. A ``text`` block right after a Python
block is what that block prints. A page runs in an empty folder of its own.
"""

from __future__ import annotations

import ast
import contextlib
import inspect
import io
import re
import sys
import types
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Snippet:
    """A Python block, the line its code starts on, and what it is said to print."""

    code: str
    line: int
    printed: str | None


def snippets_of(page: Path) -> list[Snippet]:
    text = page.read_text(encoding="utf-8")
    blocks = list(_FENCE.finditer(text))
    found = []
    for number, block in enumerate(blocks):
        if block[1] != "python":
            continue
        following = blocks[number + 1] if number + 1 < len(blocks) else None
        shown = following is not None and following[1] == "text" and not text[block.end() : following.start()].strip()
        line = text.count("\n", 0, block.start(2)) + 1
        found.append(Snippet(block[2], line, following[2] if shown and following else None))
    return found


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
async def test_the_code_on_the_page_runs(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    # Pydantic looks names up in the module of a class, so the page is a module while it runs.
    module = types.ModuleType(f"docs_{page.stem.replace('-', '_').lower()}")
    monkeypatch.setitem(sys.modules, module.__name__, module)
    for snippet in snippets_of(page):
        source = "\n" * (snippet.line - 1) + snippet.code
        code = compile(source, str(page), "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
        printed = io.StringIO()
        with contextlib.redirect_stdout(printed):
            running = eval(code, module.__dict__)
            if inspect.iscoroutine(running):
                await running
        if snippet.printed is not None:
            assert printed.getvalue() == snippet.printed, f"{page.name}, line {snippet.line}"


def test_the_pages_have_code_to_run() -> None:
    assert sum(len(snippets_of(page)) for page in PAGES) >= 10


def test_every_relative_link_leads_somewhere() -> None:
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in PAGES
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        if not (page.parent / target).exists()
    ]

    assert broken == []
