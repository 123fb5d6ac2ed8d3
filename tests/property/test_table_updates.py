"""Whatever a table is and whatever its models want next, an update makes it so, and no item is lost."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ddbmodel.engine import Engine, EngineOptions, ManualClock
from ddbmodel.errors import TableMismatch
from ddbmodel.model import Attr, GlobalIndex, Model, attr, partition_key, sort_key, ttl
from ddbmodel.model.settings import AutoScale, Billing, OnDemand, Provisioned
from ddbmodel.tables import UpdateChoices, create_tables, table_differences, update_tables
from ddbmodel.transport.embedded import EmbeddedExecutor

ALL = UpdateChoices(remove_indexes=True, stop_streams=True, stop_ttl=True)
INDEXES = {
    "one": lambda: GlobalIndex(partition_key="a"),
    "two": lambda: GlobalIndex(partition_key="b", sort_key="a"),
    "three": lambda: GlobalIndex(partition_key="c", projection="KEYS_ONLY"),
    "other one": lambda: GlobalIndex(partition_key=("b", "c"), sort_key=("a",)),
    "narrow two": lambda: GlobalIndex(partition_key="b", sort_key="a", projection=["c"]),
    "wide two": lambda: GlobalIndex(partition_key="b", sort_key="a", projection=["c", "d"]),
}
UNITS = st.integers(1, 9)
BOUNDS = st.tuples(UNITS, UNITS).map(lambda pair: (min(pair), max(pair)))


@dataclass(frozen=True)
class Wish:
    """What a model says of its table."""

    indexes: frozenset[str]
    ttl: str | None
    settings: dict[str, Any]

    def model(self) -> type[Model]:
        body: dict[str, Any] = {"__module__": __name__, "__qualname__": "Thing", "__annotations__": {}}
        for name, kind, value in (
            ("id", Attr[str], partition_key()),
            ("at", Attr[int], sort_key()),
            *((name, Attr[str], attr(default="x")) for name in "abcd"),
            *(((self.ttl, Attr[int | None], ttl(default=None)),) if self.ttl else ()),
        ):
            body["__annotations__"][name] = kind
            body[name] = value
        for name in self.indexes:
            # One name for what replaces another under it.
            body[name.rpartition(" ")[2]] = INDEXES[name]()
        return type(Model)("Thing", (Model,), body, table="things", **self.settings)


def billings() -> st.SearchStrategy[Billing]:
    most = st.none() | UNITS
    return st.one_of(
        st.builds(OnDemand, most, most),
        st.builds(Provisioned, UNITS, UNITS),
        st.builds(AutoScale, BOUNDS, BOUNDS, st.integers(20, 90)),
    )


def wishes() -> st.SearchStrategy[Wish]:
    settings = st.fixed_dictionaries(
        {},
        optional={
            "billing": billings(),
            "stream": st.sampled_from(["KEYS_ONLY", "NEW_AND_OLD_IMAGES"]),
            "table_class": st.sampled_from(["STANDARD", "STANDARD_INFREQUENT_ACCESS"]),
            "deletion_protection": st.booleans(),
            "tags": st.dictionaries(st.sampled_from("klm"), st.sampled_from("xyz"), max_size=2),
        },
    )
    indexes = st.frozensets(st.sampled_from(sorted(INDEXES)), max_size=3)
    return st.builds(Wish, indexes, st.sampled_from([None, "gone_at", "lost_at"]), settings)


@given(st.lists(wishes(), min_size=2, max_size=3), st.sampled_from([0.0, 3.0]))
def test_a_table_becomes_what_its_models_want(wanted: list[Wish], delay_s: float) -> None:
    asyncio.run(_walk([wish.model() for wish in wanted], delay_s))


async def _walk(models: list[type[Model]], delay_s: float) -> None:
    clock = ManualClock()
    engine = Engine.open(
        "memory:", clock=clock, options=EngineOptions(table_delay_s=delay_s, index_delay_s=2 * delay_s)
    )
    executor = EmbeddedExecutor(engine)

    async def sleep(seconds: float) -> None:
        clock.advance(seconds)

    await create_tables(executor, [models[0]], sleep=sleep)
    for number in range(3):
        item = {"id": {"S": "i"}, "at": {"N": f"{number}"}, "a": {"S": "x"}, "b": {"S": "x"}, "c": {"S": "x"}}
        await executor.execute("PutItem", {"TableName": "things", "Item": item})
    for model in models[1:]:
        clock.advance(31 * 86400)
        planned = await update_tables(executor, [model], ALL, dry_run=True)
        try:
            taken = await update_tables(executor, [model], ALL, sleep=sleep)
        except TableMismatch:
            # Another attribute for time to live has to wait for an hour.
            clock.advance(3600)
            taken = await update_tables(executor, [model], ALL, sleep=sleep)
            assert [step.operation for step in taken] == ["UpdateTimeToLive"]
        else:
            assert [step.words for step in taken] == [step.words for step in planned]

        assert [each.words for each in await table_differences(executor, [model]) if each.is_mismatch] == []
        assert await update_tables(executor, [model], ALL) == []
        assert (await executor.execute("Scan", {"TableName": "things"}))["Count"] == 3
        assert engine.verify() == []
    await executor.close()
