"""Models, types and the library around them."""

from __future__ import annotations

import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest
from defects import shows
from peer_models import Article, Cover, Reading
from pydantic import ValidationError

from ddbmodel import Database, ServiceError

ROOT = Path(__file__).parent.parent.parent


@shows("sets-as-lists")
def test_sets_are_sets_on_the_wire() -> None:
    item = Article(shelf="a", number=1, tags={"x"}, sizes={1, 2}).to_item()

    assert item["tags"] == {"SS": ["x"]}
    assert sorted(item["sizes"]["NS"]) == ["1", "2"]


@shows("shared-default")
def test_a_mutable_default_is_each_instances_own() -> None:
    one, other = Article(shelf="a", number=1), Article(shelf="a", number=2)
    one.notes.append("x")

    assert other.notes == []


@shows("equality-by-key")
def test_objects_are_equal_when_all_of_their_fields_are_and_keys_are_hashable() -> None:
    one = Article(shelf="a", number=1)

    assert one == Article(shelf="a", number=1)
    assert one != Article(shelf="a", number=1, stock=1)
    assert len({one.item_key(), Article.key(shelf="a", number=1)}) == 1


@shows("unchecked-values")
def test_values_are_validated_and_unknown_names_do_not_become_attributes() -> None:
    with pytest.raises(ValidationError):
        Article(shelf="a", number="notnum")  # type: ignore[arg-type]
    with pytest.raises(ValidationError):
        Article(shelf="a")  # type: ignore[call-arg]
    assert "other" not in Article.model_validate({"shelf": "a", "number": 1, "other": 1}).to_item()
    with pytest.raises(AttributeError):
        Cover.unknown  # type: ignore[attr-defined]


@shows("untyped-operators")
def test_operators_that_a_type_does_not_have_are_mistakes_to_the_type_checkers() -> None:
    mistakes = (ROOT / "tests" / "typing" / "mistakes.py").read_text(encoding="utf-8")

    # `tests/typing/test_typing.py` has mypy and pyright refuse every one of these lines.
    for line in ('Score.points > "x"', "Score.points.begins_with(", 'Score.game.add("x")'):
        assert line in mistakes


@shows("float-errors")
async def test_floats_and_decimals_come_back_as_they_were(db: Database) -> None:
    for weight in (0.1, 1e-7, 3.0, 123456.789):
        await db.put(Article(shelf="a", number=1, weight=weight, price=Decimal("19.90")), check_version=False)
        found = await db.get_or_raise(Article, shelf="a", number=1)
        assert (found.weight, found.price) == (weight, Decimal("19.90"))
        assert type(found.weight) is float


@shows("lenient-memory")
async def test_the_database_in_memory_refuses_what_the_service_refuses(db: Database) -> None:
    for operation, request in (
        ("PutItem", {"TableName": "readings", "Item": {"value": {"N": "1"}}}),
        ("PutItem", {"TableName": "readings", "Item": {"sensor": {"S": ""}}}),
        ("PutItem", {"TableName": "readings", "Item": {"sensor": {"S": "s"}, "t": {"SS": []}}}),
        ("PutItem", {"TableName": "readings", "Item": {"sensor": {"S": "s"}, "n": {"N": "1" * 39}}}),
        ("GetItem", {"TableName": "readings", "Key": {"sensor": {"N": "1"}}}),
        ("UpdateItem", {"TableName": "readings", "Key": {"sensor": {"S": "s"}}, "UpdateExpression": "SET status = 1"}),
        ("Query", {"TableName": "readings", "KeyConditionExpression": "sensor > :s"}),
    ):
        with pytest.raises(ServiceError) as caught:
            await db.executor.execute(operation, request)
        assert caught.value.code == "ValidationException"


@shows("crash-at-exit", "connections-leak")
def test_a_program_that_leaves_everything_open_ends_quietly() -> None:
    program = (
        "import asyncio\n"
        "from ddbmodel import Attr, Database, Model, partition_key\n"
        "class A(Model, table='aaa'):\n    k: Attr[str] = partition_key()\n"
        "async def main():\n"
        "    db = await Database.connect('memory:').__aenter__()\n"
        "    await db.create_tables(A)\n"
        "    await db.put(A(k='x'))\n"
        "    async with Database.connect('memory:') as other:\n"
        "        await other.create_tables(A)\n"
        "    pages = db.scan(A).__aiter__()\n"
        "    await pages.__anext__()\n"
        "asyncio.run(main())\n"
    )

    ended = subprocess.run(
        [sys.executable, "-W", "error", "-c", program], capture_output=True, text=True, check=False, timeout=60
    )

    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "", "")


def test_a_model_without_a_version_is_of_use_here() -> None:
    assert Reading(sensor="s").to_item() == {"sensor": {"S": "s"}, "value": {"N": "0"}, "label": {"S": ""}}
