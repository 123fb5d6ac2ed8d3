"""A table whose indexes and time to live change while items come and go, against a model of what is there when."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from table_requests import create_request, definitions, index, key_schema

from ddbmodel.engine.clock import ManualClock
from ddbmodel.engine.engine import Engine
from ddbmodel.engine.options import EngineOptions
from ddbmodel.engine.tables import filling
from ddbmodel.errors import ServiceError

START_S = 1_700_000_000.0
HOUR_S = 3600.0

item_ids = st.sampled_from("abcdefgh")
# None is in the past when it is written: the engine looks once a second, so such an item may be seen for a moment.
moments = st.none() | st.sampled_from([1, 10, 100, int(HOUR_S)])
pauses = st.sampled_from([0.0, 1.0, 5.0, 60.0, HOUR_S])
index_names = st.sampled_from(["by-a", "by-b"])


@dataclass
class IndexModel:
    """When an index is to be read, and when it is gone."""

    ready_at_s: float
    gone_at_s: float | None = None


class TableAgainstModel(RuleBasedStateMachine):
    """Items are kept by id with the moment they expire at; what the engine shows must follow from that and the time."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = ManualClock(START_S)
        self.items: dict[str, int | None] = {}
        self.indexes: dict[str, IndexModel] = {}
        self.ttl_enabled, self.ttl_changed_at_s, self.ttl_settled_at_s = False, float("-inf"), float("-inf")

    @initialize(
        table_delay_s=st.sampled_from([0.0, 5.0]), index_delay_s=st.sampled_from([0.0, 60.0]), at_once=st.booleans()
    )
    def open(self, table_delay_s: float, index_delay_s: float, at_once: bool) -> None:
        self.delays = (table_delay_s, max(table_delay_s, index_delay_s))
        # Small tables stand for large ones when nothing is filled at once.
        self.patch = patch.object(filling, "FILLED_AT_ONCE_ITEMS", 1_000 if at_once else 0)
        self.patch.start()
        self.loop = asyncio.new_event_loop()
        options = EngineOptions(table_delay_s=table_delay_s, index_delay_s=index_delay_s)
        self.engine = Engine.open(clock=self.clock, options=options)
        keys: dict[str, Any] = {"KeySchema": key_schema("PK"), "AttributeDefinitions": definitions(pk="S")}
        self._ask("CreateTable", create_request(**keys))
        self.clock.advance(table_delay_s)

    def teardown(self) -> None:
        if hasattr(self, "engine"):
            self.loop.run_until_complete(self.engine.close())
            self.loop.close()
            self.patch.stop()

    @rule(name=item_ids, until=moments)
    def put(self, name: str, until: int | None) -> None:
        moment = None if until is None else int(self.clock.now_s()) + until
        item: dict[str, Any] = {"pk": {"S": name}, "a": {"S": "x"}}
        if name in "abcd":
            item["b"] = {"S": name}
        if moment is not None:
            item["until"] = {"N": str(moment)}
        self._ask("PutItem", {"TableName": "films", "Item": item})
        self.items[name] = moment

    @rule(name=item_ids)
    def delete(self, name: str) -> None:
        self._ask("DeleteItem", {"TableName": "films", "Key": {"pk": {"S": name}}})
        self.items.pop(name, None)

    @rule(seconds=pauses)
    def wait(self, seconds: float) -> None:
        self.clock.advance(seconds)

    @rule(name=index_names)
    def create_index(self, name: str) -> None:
        update = {"Create": index(name, name[-1].upper(), ProjectionType="KEYS_ONLY")}
        refused = self._update(
            AttributeDefinitions=definitions(**{name[-1]: "S"}), GlobalSecondaryIndexUpdates=[update]
        )
        is_free = name not in self.indexes and not self._busy()
        assert (refused is None) == is_free
        if is_free:
            self.indexes[name] = IndexModel(self.clock.now_s() + self.delays[1])

    @rule(name=index_names)
    def delete_index(self, name: str) -> None:
        refused = self._update(GlobalSecondaryIndexUpdates=[{"Delete": {"IndexName": name}}])
        if refused is None:
            gone_at_s = self.clock.now_s() + self.delays[1]
            self.indexes[name].gone_at_s = gone_at_s

    @rule(enabled=st.booleans())
    def set_time_to_live(self, enabled: bool) -> None:
        specification = {"AttributeName": "until", "Enabled": enabled}
        refused = self._refused("UpdateTimeToLive", TimeToLiveSpecification=specification)
        is_allowed = enabled != self.ttl_enabled and self.clock.now_s() >= self.ttl_changed_at_s + HOUR_S
        assert (refused is None) == is_allowed
        if is_allowed:
            self.ttl_enabled, self.ttl_changed_at_s = enabled, self.clock.now_s()
            self.ttl_settled_at_s = self.clock.now_s() + self.delays[0]

    @invariant()
    def what_is_there_follows_from_the_time(self) -> None:
        if not hasattr(self, "engine"):
            return
        self._let_it_catch_up()
        now_s = self.clock.now_s()
        if self.ttl_enabled and now_s >= self.ttl_settled_at_s:
            self.items = {name: at for name, at in self.items.items() if at is None or at >= now_s}
        self.indexes = {
            name: each for name, each in self.indexes.items() if each.gone_at_s is None or each.gone_at_s > now_s
        }
        assert self._scan() == set(self.items)
        description = self._ask("DescribeTable", {"TableName": "films"})["Table"]
        assert description["ItemCount"] == len(self.items)
        shown = {each["IndexName"]: each["IndexStatus"] for each in description.get("GlobalSecondaryIndexes", ())}
        assert shown == {name: self._status(each) for name, each in self.indexes.items()}
        for name, each in self.indexes.items():
            if now_s >= each.ready_at_s:
                assert self._scan(IndexName=name) == {i for i in self.items if name == "by-a" or i in "abcd"}
        assert self.engine.verify() == []

    def _let_it_catch_up(self) -> None:
        # A request lets the engine do some of what is due, not all.
        for _ in range(4):
            self._ask("ListTables", {})

    def _status(self, each: IndexModel) -> str:
        if each.gone_at_s is not None:
            return "DELETING"
        return "CREATING" if self.clock.now_s() < each.ready_at_s else "ACTIVE"

    def _busy(self) -> bool:
        return any(self._status(each) != "ACTIVE" for each in self.indexes.values())

    def _scan(self, **request: Any) -> set[str]:
        return {item["pk"]["S"] for item in self._ask("Scan", {"TableName": "films", **request})["Items"]}

    def _update(self, **request: Any) -> str | None:
        return self._refused("UpdateTable", **request)

    def _refused(self, operation: str, **request: Any) -> str | None:
        try:
            self._ask(operation, {"TableName": "films", **request})
        except ServiceError as error:
            return error.message
        return None

    def _ask(self, operation: str, request: dict[str, Any]) -> dict[str, Any]:
        return self.loop.run_until_complete(self.engine.execute(operation, request))


TestTableAgainstModel = TableAgainstModel.TestCase
