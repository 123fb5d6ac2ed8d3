"""What class statements say of a table reaches it, is merged over the models of one table, and is compared."""

from __future__ import annotations

from typing import Any

import pytest

from ddbmodel.engine import Engine
from ddbmodel.errors import ModelDefinitionError, TableMismatch
from ddbmodel.model import Attr, GlobalIndex, Model, attr, partition_key
from ddbmodel.model.settings import AutoScale, OnDemand, Provisioned
from ddbmodel.tables import check_tables, create_tables, table_differences, update_tables
from ddbmodel.tables.definitions import definitions_of
from ddbmodel.tables.requests import create_request
from ddbmodel.transport.embedded import EmbeddedExecutor


class Film(Model, table="films"):
    id: Attr[str] = partition_key()
    year: Attr[int] = attr(default=0)
    by_year = GlobalIndex(partition_key=year)


class Limited(Film, table="films", billing=OnDemand(max_read=10)):
    pass


class Fixed(Film, table="films", billing=Provisioned(read=2, write=3)):
    pass


class Moving(Film, table="films", billing=AutoScale(read=(2, 8), write=(3, 9), target_percent=50)):
    pass


class Kept(Film, table="films", tags={"team": "web"}, deletion_protection=True):
    pass


class Rare(Film, table="films", tags={"tier": "2"}, table_class="STANDARD_INFREQUENT_ACCESS"):
    pass


@pytest.fixture
def executor() -> EmbeddedExecutor:
    return EmbeddedExecutor(Engine.open("memory:"))


def request_of(*models: type[Model]) -> dict[str, Any]:
    (definition,) = definitions_of(models)
    return create_request(definition)


def test_a_table_is_billed_by_request_unless_a_model_says_otherwise() -> None:
    assert request_of(Film)["BillingMode"] == "PAY_PER_REQUEST"
    assert request_of(Limited)["OnDemandThroughput"] == {"MaxReadRequestUnits": 10}
    assert request_of(Limited)["GlobalSecondaryIndexes"][0]["OnDemandThroughput"] == {"MaxReadRequestUnits": 10}


@pytest.mark.parametrize("model", [Fixed, Moving])
def test_the_table_and_each_global_index_get_the_lowest_capacity(model: type[Model]) -> None:
    request = request_of(model)
    units = {"ReadCapacityUnits": 2, "WriteCapacityUnits": 3}

    assert request["BillingMode"] == "PROVISIONED"
    assert request["ProvisionedThroughput"] == request["GlobalSecondaryIndexes"][0]["ProvisionedThroughput"] == units


def test_what_the_models_of_one_table_say_adds_up() -> None:
    request = request_of(Film, Kept, Rare, Limited)

    assert request["Tags"] == [{"Key": "team", "Value": "web"}, {"Key": "tier", "Value": "2"}]
    assert request["DeletionProtectionEnabled"]
    assert request["TableClass"] == "STANDARD_INFREQUENT_ACCESS"
    assert request["OnDemandThroughput"] == {"MaxReadRequestUnits": 10}


@pytest.mark.parametrize(
    ("one", "other", "about"),
    [
        ({"billing": OnDemand()}, {"billing": Provisioned(1, 1)}, r"its billing: OnDemand\(\) and Provisioned\(read=1"),
        ({"billing": AutoScale((1, 2), (1, 2))}, {"billing": AutoScale((1, 2), (1, 3))}, "its billing: AutoScale"),
        ({"tags": {"team": "web"}}, {"tags": {"team": "app"}}, "the tag 'team': 'web' and 'app'"),
        ({"deletion_protection": True}, {"deletion_protection": False}, "its deletion protection: True and False"),
        ({"table_class": "STANDARD"}, {"table_class": "STANDARD_INFREQUENT_ACCESS"}, "its class"),
        ({"stream": "KEYS_ONLY"}, {"stream": True}, "what its stream carries"),
    ],
)
def test_models_of_one_table_that_say_different_things_are_refused(
    one: dict[str, Any], other: dict[str, Any], about: str
) -> None:
    class One(Film, table="films", **one):
        pass

    class Other(Film, table="films", **other):
        pass

    with pytest.raises(ModelDefinitionError, match=f"One and Other share the table 'films' and disagree on {about}"):
        definitions_of([One, Film, Other])


@pytest.mark.parametrize(
    "tags", [{"": "x"}, {"k" * 129: "x"}, {"AWS:x": "x"}, {"k": "v" * 257}, {f"k{n}": "" for n in range(51)}, {"k": 1}]
)
def test_tags_that_the_service_would_refuse_are_refused_at_once(tags: Any) -> None:
    with pytest.raises(ModelDefinitionError, match="tag"):

        class Tagged(Film, table="films", tags=tags):
            pass


@pytest.mark.parametrize("model", [Film, Limited, Fixed, Moving, Kept, Rare])
async def test_a_table_is_what_its_model_says(executor: EmbeddedExecutor, model: type[Model]) -> None:
    await create_tables(executor, [model])

    await check_tables(executor, [model])
    assert await table_differences(executor, [model]) == []
    assert await update_tables(executor, [model]) == []


async def test_every_setting_that_differs_is_said(executor: EmbeddedExecutor) -> None:
    class Wanted(
        Film,
        table="films",
        billing=Provisioned(read=2, write=4),
        tags={"team": "app", "tier": "1"},
        deletion_protection=False,
        table_class="STANDARD_INFREQUENT_ACCESS",
    ):
        pass

    class There(Kept, table="films", billing=AutoScale(read=(3, 8), write=(4, 9))):
        pass

    await create_tables(executor, [There])

    with pytest.raises(TableMismatch) as refused:
        await check_tables(executor, [Wanted])
    assert refused.value.tables == {
        "films": (
            "the table has 3 read capacity units, the models want 2",
            "the index 'by_year' has 3 read capacity units, the models want 2",
            "the read capacity of the table follows the load, the models want Provisioned(read=2, write=4)",
            "the write capacity of the table follows the load, the models want Provisioned(read=2, write=4)",
            "the read capacity of the index 'by_year' follows the load, the models want Provisioned(read=2, write=4)",
            "the write capacity of the index 'by_year' follows the load, the models want Provisioned(read=2, write=4)",
            "its class is STANDARD, the models want STANDARD_INFREQUENT_ACCESS",
            "it is protected from deletion, the models want it not to be",
            "the tag 'team' is 'web', the models want 'app'",
            "the tag 'tier' is missing, the models want it '1'",
        )
    }


@pytest.mark.parametrize(
    ("there", "wanted", "words"),
    [
        (Film, Fixed, "it is on demand, the models want it provisioned"),
        (Fixed, Limited, "it is provisioned, the models want it on demand"),
        (Film, Limited, "the table may use any number of read request units a second, the models want at most 10"),
        (Fixed, Moving, "the read capacity of the table stays as it is, the models want 2 to 8 units at 50 percent"),
    ],
)
async def test_another_billing_is_said(
    executor: EmbeddedExecutor, there: type[Model], wanted: type[Model], words: str
) -> None:
    await create_tables(executor, [there])

    assert words in [each.words for each in await table_differences(executor, [wanted])]
    await update_tables(executor, [wanted])
    await check_tables(executor, [wanted])


async def test_the_differences_of_all_tables_are_said_at_once(executor: EmbeddedExecutor) -> None:
    class Person(Model, table="people"):
        id: Attr[str] = partition_key()

    await create_tables(executor, [Film])

    with pytest.raises(TableMismatch) as refused:
        await check_tables(executor, [Kept, Person])

    assert list(refused.value.tables) == ["films", "people"]
    assert "people" in str(refused.value)
    assert refused.value.differences[-1] == "it does not exist; create it with db.create_tables(...)"


async def test_creating_leaves_to_operators_what_models_can_work_without(executor: EmbeddedExecutor) -> None:
    await create_tables(executor, [Fixed])

    await create_tables(executor, [Limited, Kept])

    assert len([each for each in await table_differences(executor, [Limited, Kept]) if each.is_mismatch]) == 3
