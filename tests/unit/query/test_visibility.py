"""What a read hides: as one condition, divided between the service, a look at the items, and what cannot be told."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from ddbmodel import Attr, GlobalIndex, Index, LocalIndex, Model, attr, deleted_at, partition_key, sort_key, ttl
from ddbmodel.expressions.render import Renderer
from ddbmodel.expressions.tree import Condition
from ddbmodel.query.sources import source_of
from ddbmodel.query.visibility import HIDE_ALL, Hiding, Shown, hiding_of, is_visible, visible_condition

NOW = 1_800_000_000.9


class Note(Model, table="notes"):
    owner: Attr[str] = partition_key()
    number: Attr[str] = sort_key()
    title: Attr[str] = attr(default="x")
    slug: Attr[str | None] = attr(default=None, unique=True)
    expires_at: Attr[datetime | None] = ttl(default=None, alias="ttl")
    gone_at: Attr[datetime | None] = deleted_at()

    by_title = GlobalIndex(partition_key=title)
    by_expiry = GlobalIndex(partition_key=owner, sort_key=expires_at)
    keys = LocalIndex(sort_key=title, projection="KEYS_ONLY")
    turned = GlobalIndex(partition_key=number, sort_key=owner)


class Plain(Model, table="plain"):
    id: Attr[str] = partition_key()


def text_of(condition: Condition | None) -> str:
    if condition is None:
        return ""
    renderer = Renderer()
    text, names = renderer.condition(condition), renderer.placeholders()["ExpressionAttributeNames"]
    for placeholder, name in names.items():
        text = text.replace(placeholder, name)
    return text


def hiding(target: type[Model] | Index[Note], shown: Shown = HIDE_ALL, *, is_query: bool, whole: bool) -> Hiding:
    return hiding_of(source_of(target), shown, NOW, is_query=is_query, reads_whole=whole)


GONE, FRESH = "attribute_not_exists(gone_at)", "(attribute_not_exists(ttl) OR ttl > :0)"


def test_a_model_that_hides_nothing_has_no_condition() -> None:
    assert visible_condition(Plain, HIDE_ALL, NOW) is None
    assert hiding(Plain, is_query=False, whole=False) == Hiding(None, None, (), ())


def test_a_scan_of_the_table_leaves_everything_to_the_service() -> None:
    found = hiding(Note, is_query=False, whole=False)

    assert text_of(found.by_service) == f"attribute_not_exists(_guard) AND {GONE} AND {FRESH}"
    assert (found.after_reading, found.needed, found.untold) == (None, (), ())


def test_guard_items_are_only_looked_for_where_they_can_be() -> None:
    assert text_of(hiding(Note, is_query=True, whole=False).by_service) == f"{GONE} AND {FRESH}"
    assert text_of(hiding(Note.by_title, is_query=True, whole=False).by_service) == f"{GONE} AND {FRESH}"
    assert text_of(hiding(Note.turned, is_query=True, whole=False).by_service).startswith(
        "attribute_not_exists(_guard)"
    )


def test_what_was_asked_for_is_not_hidden() -> None:
    expired = hiding(Note, Shown(expired=True), is_query=True, whole=False)
    both = hiding(Note, Shown(expired=True, deleted=True), is_query=True, whole=False)

    assert text_of(expired.by_service) == GONE
    assert both.by_service is None


def test_a_key_attribute_of_what_is_queried_is_looked_at_after_reading() -> None:
    found = hiding(Note.by_expiry, is_query=True, whole=False)
    scanned = hiding(Note.by_expiry, is_query=False, whole=False)

    # A guard has the time to live of its item, so an index over that holds it too.
    assert text_of(found.by_service) == f"attribute_not_exists(_guard) AND {GONE}"
    assert found.needed == ("ttl",)
    assert found.shows({"ttl": {"N": "1800000001"}})
    assert not found.shows({"ttl": {"N": "1800000000"}})
    assert scanned.needed == ()


def test_what_an_index_does_not_hold_is_told_by_whole_items_or_not_at_all() -> None:
    part = hiding(Note.keys, is_query=True, whole=False)
    whole = hiding(Note.keys, is_query=True, whole=True)

    assert (part.by_service, part.untold) == (None, ("gone_at", "ttl"))
    assert (whole.by_service, whole.untold, whole.needed) == (None, (), ("gone_at", "ttl"))
    assert not whole.shows({"gone_at": {"S": "2026"}})


@pytest.mark.parametrize(
    ("item", "shown", "seen"),
    [
        ({}, HIDE_ALL, True),
        ({"ttl": {"N": "1800000001"}}, HIDE_ALL, True),
        ({"ttl": {"N": "1800000000"}}, HIDE_ALL, False),
        ({"ttl": {"N": "5"}}, Shown(expired=True), True),
        ({"ttl": {"N": "5"}}, Shown(deleted=True), False),
        ({"gone_at": {"S": "2026"}}, HIDE_ALL, False),
        ({"gone_at": {"S": "2026"}}, Shown(deleted=True), True),
        ({"_guard": {"S": "slug"}}, Shown(expired=True, deleted=True), False),
    ],
)
def test_one_item_is_shown_or_not(item: dict[str, dict[str, str]], shown: Shown, seen: bool) -> None:
    assert is_visible(Note, item, shown, NOW) is seen


def test_a_moment_that_has_come_is_past() -> None:
    moment = datetime(2027, 1, 15, 8, 0, tzinfo=UTC)
    item = Note(owner="a", number="1", ttl=moment).to_item()

    assert is_visible(Note, item, HIDE_ALL, moment.timestamp() - 0.001)
    assert not is_visible(Note, item, HIDE_ALL, moment.timestamp())
