"""What the pages tell a reader to type is what the command understands."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from ddbmodel.cli.main import command_line

ROOT = Path(__file__).parent.parent.parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
LINES = [
    line
    for page in PAGES
    for block in re.findall(r"(?ms)^```(?:sh|console)\n(.*?)^```$", page.read_text(encoding="utf-8"))
    for line in block.splitlines()
    if line.startswith("ddbmodel ")
]


def test_the_pages_show_the_command() -> None:
    assert len(LINES) >= 3


@pytest.mark.parametrize("line", LINES)
def test_every_command_of_the_pages_can_be_typed(line: str) -> None:
    chosen = command_line().parse_args(shlex.split(line, comments=True)[1:])

    assert callable(chosen.run)


def test_a_command_is_needed(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        command_line().parse_args([])

    assert ended.value.code == 2
    assert "COMMAND" in capsys.readouterr().err
