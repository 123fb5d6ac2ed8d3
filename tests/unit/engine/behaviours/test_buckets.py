"""Whose buckets are kept: those of tables that are there, as far as that is durable."""

from __future__ import annotations

from typing import Any, cast

import pytest

from ddbmodel.engine import Behaviours
from ddbmodel.engine.behaviours import Misbehaviour
from ddbmodel.engine.catalog import Catalog, KeyAttribute, KeySchema, Table
from ddbmodel.engine.outcome import DropTable, Outcome
from ddbmodel.engine.storage.view import ReadView
from ddbmodel.errors import ServiceError

UNITS = {"ReadCapacityUnits": 5, "WriteCapacityUnits": 5}
THINGS, OTHERS = (
    Table(
        id=name,
        name=name,
        keys=KeySchema((KeyAttribute("p", "S"),), ()),
        space=number,
        created_at_s=0.0,
        settings={"BillingMode": "PROVISIONED", "ProvisionedThroughput": UNITS},
    )
    for number, name in enumerate(["things", "others"])
)
VIEW = cast(ReadView, None)


class Tables:
    """A catalog of two tables."""

    def table(self, name: str) -> Table | None:
        return {"things": THINGS, "others": OTHERS}.get(name)


def read(misbehaviour: Misbehaviour, name: str) -> bool:
    """Read five units, which is a second's capacity; return whether there was enough."""

    def decide(operation: str, request: dict[str, Any], *_: object) -> Outcome:
        capacity = {"TableName": name, "CapacityUnits": 5.0, "Table": {"CapacityUnits": 5.0}}
        return Outcome({"ConsumedCapacity": capacity})

    request = {"TableName": name, "Key": {"p": {"S": "a"}}}
    try:
        misbehaviour.decide(decide, "GetItem", request, VIEW, cast(Catalog, Tables()), 0.0)
    except ServiceError:
        return False
    return True


@pytest.mark.parametrize(("ending", "is_forgotten"), [("committed", True), ("undone", False)])
def test_the_buckets_of_a_dropped_table_are_forgotten_once_that_is_durable(ending: str, is_forgotten: bool) -> None:
    misbehaviour = Misbehaviour(Behaviours(throttling="faithful"), "local", 0.0)
    assert [read(misbehaviour, name) for name in ("things", "others", "things")] == [True, True, False]

    misbehaviour.note(Outcome({}, catalog=(DropTable(THINGS),)), VIEW, 0.0)
    assert not read(misbehaviour, "things")
    getattr(misbehaviour, ending)()
    misbehaviour.committed()

    # A bucket that is made anew holds a second's capacity.
    assert [read(misbehaviour, name) for name in ("things", "others")] == [is_forgotten, False]
