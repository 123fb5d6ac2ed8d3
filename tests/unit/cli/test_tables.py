"""``ddbmodel tables`` says what it does, and does what it says."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from ddbmodel.cli.main import main

BEFORE = """
from ddbmodel import Attr, Model, attr, partition_key

class Film(Model, table="films"):
    id: Attr[str] = partition_key()
    year: Attr[int] = attr(default=0)

class Person(Model, table="people"):
    id: Attr[str] = partition_key()
"""
INDEXED = BEFORE.replace(
    "    year: Attr[int] = attr(default=0)\n",
    "    year: Attr[int] = attr(default=0)\n    by_year = GlobalIndex(partition_key=year)\n",
).replace("import Attr,", "import Attr, GlobalIndex,")
OTHER_KEY = BEFORE.replace(
    "    id: Attr[str] = partition_key()\n    year", "    name: Attr[str] = partition_key()\n    year"
)


@pytest.fixture
def write_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    numbers = iter(range(9))

    def write(text: str) -> str:
        name = f"models_of_{tmp_path.name.replace('-', '_')}_{next(numbers)}"
        (tmp_path / f"{name}.py").write_text(text)
        return name

    return write


def test_tables_are_created_checked_and_updated(
    write_models: Callable[[str], str], capsys: pytest.CaptureFixture[str]
) -> None:
    before, indexed = write_models(BEFORE), write_models(INDEXED)
    url = ["--url", "file:films.db"]

    assert main(["tables", "create", before, *url, "--dry-run"]) == 0
    assert capsys.readouterr().out == "would: films: create the table\nwould: people: create the table\n"
    assert main(["tables", "create", before, *url]) == 0
    assert capsys.readouterr().out == "films: create the table\npeople: create the table\n"
    assert main(["tables", "create", before, *url]) == 0
    assert capsys.readouterr().out == "nothing to do\n"
    assert main(["tables", "check", indexed, *url]) == 1
    assert capsys.readouterr().out == "films: the global index 'by_year' is missing\n"
    assert main(["tables", "update", indexed, *url, "--dry-run"]) == 0
    assert capsys.readouterr().out == "would: films: add the index 'by_year', global (year HASH) ALL\n"
    assert main(["tables", "update", indexed, *url]) == 0
    assert capsys.readouterr().out == "films: add the index 'by_year', global (year HASH) ALL\n"
    assert main(["tables", "check", f"{before}:Film", *url]) == 0
    assert "note: no model declares the index 'by_year'" in capsys.readouterr().out
    assert main(["tables", "update", before, *url, "--remove-indexes"]) == 0
    assert "remove the index 'by_year'" in capsys.readouterr().out


def test_a_prefix_is_another_set_of_tables(
    write_models: Callable[[str], str], capsys: pytest.CaptureFixture[str]
) -> None:
    models = write_models(BEFORE)

    assert main(["tables", "create", models, "--url", "file:films.db", "--prefix", "dev-"]) == 0
    assert main(["tables", "check", models, "--url", "file:films.db", "--prefix", "dev-"]) == 0
    assert main(["tables", "check", models, "--url", "file:films.db"]) == 1
    assert "films: it does not exist" in capsys.readouterr().out


def test_what_cannot_be_changed_is_said_and_fails(
    write_models: Callable[[str], str], capsys: pytest.CaptureFixture[str]
) -> None:
    before, other = write_models(BEFORE), write_models(OTHER_KEY)
    main(["tables", "create", before, "--url", "file:films.db"])

    assert main(["tables", "update", other, "--url", "file:films.db"]) == 1
    assert "films: its key is (id HASH), the models want (name HASH); it cannot be changed" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("no_such_module", "there is no module 'no_such_module' here"),
        ("no.such.module", "there is no module 'no.such.module' here"),
        (".models", "is not the name of a module"),
        ("json", "json has no model with a table"),
        ("json:loads", "json:loads is no model with a table; the models there are none"),
        ("json:nothing", "json:nothing is nothing of that name"),
    ],
)
def test_what_is_no_model_is_said(name: str, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["tables", "check", name, "--url", "memory:"]) == 2
    assert says in capsys.readouterr().err


@pytest.mark.parametrize("extra", [["--url", "postgres://x"], ["--url", "memory:", "--prefix", "a/b"]])
def test_what_cannot_be_connected_to_is_said(
    write_models: Callable[[str], str], extra: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["tables", "check", write_models(BEFORE), *extra]) == 2
    assert "ddbmodel tables check: " in capsys.readouterr().err
