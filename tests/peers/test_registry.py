"""Every defect of the list has a test, and the page about peers has every defect."""

from __future__ import annotations

import importlib.util
import inspect
from pathlib import Path

from defects import DEFECTS

HERE = Path(__file__).parent
PAGE = HERE.parent.parent / "docs" / "explanation" / "peers.md"


def test_every_defect_has_a_test() -> None:
    shown: set[str] = set()
    for file in HERE.glob("test_peer_*.py"):
        spec = importlib.util.spec_from_file_location(file.stem, file)
        assert spec is not None
        assert spec.loader is not None
        module = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(module)
        for test in vars(module).values():
            if inspect.isfunction(test):
                shown.update(getattr(test, "defects", ()))

    assert shown == {defect.id for defect in DEFECTS}


def test_the_page_lists_every_defect() -> None:
    text = PAGE.read_text(encoding="utf-8")

    assert [defect.id for defect in DEFECTS if f"`{defect.id}`" not in text] == []
