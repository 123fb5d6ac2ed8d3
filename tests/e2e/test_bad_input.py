"""What users get wrong, line by line: each a clear error of the library's own tree, that repeats no user's value."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from story_models import Account, Score

from ddbmodel import (
    Attr,
    Database,
    DatabaseFileLocked,
    DdbModelError,
    GlobalIndex,
    InvalidUrl,
    ItemTooLarge,
    KeyAttributeMissing,
    Model,
    ModelDefinitionError,
    NotADatabaseFile,
    StorageFailed,
    ValueNotStorable,
    attr,
    partition_key,
)

SECRET = "hunter2"


def _no_key() -> type[Model]:
    class Keyless(Model, table="keyless"):
        name: Attr[str] = attr()

    return Keyless


def _two_keys() -> type[Model]:
    class Twice(Model, table="twice"):
        one: Attr[str] = partition_key()
        two: Attr[str] = partition_key()

    return Twice


def _index_over_nothing() -> type[Model]:
    class Indexed(Model, table="indexed"):
        id: Attr[str] = partition_key()

        by_size = GlobalIndex(partition_key="size")

    return Indexed


def _template_over_nothing() -> type[Model]:
    class Templated(Model, table="templated"):
        pk: Attr[str] = partition_key("USER#{user_id}")

    return Templated


@pytest.mark.parametrize(
    ("declare", "kind", "told"),
    [
        (_no_key, ModelDefinitionError, "Keyless: a model with a table needs a key"),
        (_two_keys, ModelDefinitionError, "Twice: a model has one partition_key.., got one, two"),
        (_index_over_nothing, KeyAttributeMissing, "Indexed: index 'by_size' uses 'size', which is not a field"),
        (_template_over_nothing, KeyAttributeMissing, "Templated: key template 'USER#{user_id}' uses 'user_id'"),
    ],
)
def test_a_bad_declaration_fails_where_the_class_is_made(
    declare: Callable[[], type[Model]], kind: type[DdbModelError], told: str
) -> None:
    with pytest.raises(kind, match=told):
        declare()


@pytest.mark.parametrize("url", [f"mongodb://me:{SECRET}@host/db", f"sqlite:{SECRET}", SECRET, "memory", ""])
def test_an_unknown_url_names_the_known_forms(url: str) -> None:
    with pytest.raises(InvalidUrl, match=r"'memory:'.*'file:PATH'.*'http://HOST:PORT'.*'aws://REGION'") as refused:
        Database.connect(url)

    assert SECRET not in str(refused.value)


@pytest.mark.parametrize("content", [SECRET.encode() * 1000, b"SQLite format 3\x00" + b"\x01" * 5000])
async def test_a_file_that_is_not_ours_is_left_alone(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "notes.txt"
    file.write_bytes(content)

    with pytest.raises(NotADatabaseFile, match=r"notes\.txt") as refused:
        async with Database.connect(f"file:{file}"):
            pass

    assert file.read_bytes() == content
    assert SECRET not in str(refused.value)


async def test_a_file_that_another_database_has_open_is_locked(tmp_path: Path) -> None:
    url = f"file:{tmp_path / 'game.db'}"
    async with Database.connect(url):
        with pytest.raises(DatabaseFileLocked, match=r"game\.db"):
            async with Database.connect(url):
                pass

    async with Database.connect(url):
        pass


async def test_a_file_that_another_process_has_open_is_locked(tmp_path: Path) -> None:
    url = f"file:{tmp_path / 'game.db'}"
    program = (
        "import sys\nfrom ddbmodel.engine import Engine\n"
        f"engine = Engine.open({url!r})\nprint('open', flush=True)\nsys.stdin.read()\n"
    )
    with subprocess.Popen(  # noqa: ASYNC220  # nothing else runs in this loop
        [sys.executable, "-c", program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        with pytest.raises(DatabaseFileLocked, match=str(other.pid)):
            async with Database.connect(url):
                pass
        other.kill()

    async with Database.connect(url):
        pass


async def test_a_folder_that_does_not_exist_is_said(tmp_path: Path) -> None:
    with pytest.raises(StorageFailed, match="nowhere"):
        async with Database.connect(f"file:{tmp_path / 'nowhere' / 'game.db'}"):
            pass


async def test_a_value_of_the_wrong_type_is_refused_with_its_path(db: Database, new_table: Any) -> None:
    scores = await new_table(Score)
    score = scores(game="tetris", player="ann")
    score.points = SECRET

    with pytest.raises(ValueNotStorable, match=r"Score\.points: ") as of_put:
        await db.put(score)
    with pytest.raises(ValueNotStorable, match=r"Score\.points: ") as of_condition:
        scores.points > SECRET  # fails before there is a condition
    with pytest.raises(ValueNotStorable, match=r"Score\.points: ") as of_update:
        scores.points.set(SECRET)
    with pytest.raises(ValueNotStorable, match=r"Score\.game: ") as of_key:
        scores.key(game=5, player="ann")

    for refused in (of_put, of_condition, of_update, of_key):
        assert SECRET not in str(refused.value)
    assert await db.scan(scores).count() == 0


async def test_an_item_over_400_kb_is_refused_before_it_is_sent(db: Database, new_table: Any) -> None:
    scores = await new_table(Score)
    large = scores(game="tetris", player="ann", words=[SECRET * 60_000])

    for write in (db.put, db.create, lambda score: db.put_many([score])):
        with pytest.raises(ItemTooLarge, match=r"Score: an item has at most 409,600 bytes, got 420,\d{3}") as refused:
            await write(large)
        assert SECRET not in str(refused.value)
    assert await db.scan(scores).count() == 0


async def test_an_item_that_an_update_makes_too_large_is_refused(db: Database, new_table: Any) -> None:
    scores = await new_table(Score)
    await db.create(scores(game="tetris", player="ann", words=["x" * 300_000]))
    key = scores.key(game="tetris", player="ann")

    with pytest.raises(ItemTooLarge, match="Score: an item has at most 409,600 bytes, got more"):
        await db.update(key, scores.words.append("x" * 200_000))

    assert (await db.get_or_raise(scores, game="tetris", player="ann")).words == ["x" * 300_000]


async def test_an_empty_key_is_refused(db: Database, new_table: Any) -> None:
    scores, accounts = await new_table(Score), await new_table(Account)

    with pytest.raises(ValueNotStorable, match=r"Score\.player: .*empty"):
        await db.put(scores(game="tetris", player=""))
    with pytest.raises(ValueNotStorable, match=r"Account\.id: .*empty"):
        await db.get(accounts, id="")
    with pytest.raises(ValueNotStorable, match=r"Score\.nick: .*empty"):
        await db.put(scores(game="tetris", player="ann", nick=""))
    assert await db.scan(scores).count() == 0
