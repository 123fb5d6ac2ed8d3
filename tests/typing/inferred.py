"""What editors infer; every line must pass in each checker."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, assert_type

from models import Card, Invoice, Order, Payment, Play, Profile, Score

from ddbmodel import (
    BatchReport,
    Collection,
    Cost,
    Database,
    Explanation,
    HotKey,
    Page,
    Query,
    RateLimit,
    ReadWarning,
    Ref,
    Scan,
    StatementResult,
    TableDifference,
    TableStep,
    Transaction,
    Units,
    by_model,
    collection,
)
from ddbmodel.expressions.tree import AddAction, Condition, DeleteAction, RemoveAction, SetAction
from ddbmodel.model import Attr, Index, Key

score = Score(game="tetris", player="ann", played_at=datetime.now(UTC))
order = Order(customer_id="c")
assert_type(score.points, int)
assert_type(score.nick, str | None)
assert_type(score.tags, set[str])
assert_type(Score.points, Attr[int])
assert_type(Score.points > 3, Condition)
assert_type(Score.bonus > 3, Condition)
assert_type((Score.price >= 3) & Score.price.between(1, Decimal("2.5")), Condition)
assert_type(Score.points == 3, Condition)
assert_type((Score.points > 3) & ~(Score.game == "a") | Score.nick.not_exists(), Condition)
assert_type(Score.played_at.between(datetime.now(UTC), datetime.now(UTC)), Condition)
assert_type(Score.nick.begins_with("a"), Condition)
assert_type(Score.game.contains("a"), Condition)
assert_type(Score.tags.contains("a"), Condition)
assert_type(Score.game.is_in(["a", "b"]), Condition)
assert_type(Score.words.size() > 3, Condition)
assert_type(Score.points.add(1), AddAction)
assert_type(Score.bonus.add(1), AddAction)
assert_type(Score.price.add(1), AddAction)
assert_type(Score.tags.union({"a"}), AddAction)
assert_type(Score.tags.difference({"a"}), DeleteAction)
assert_type(Score.words.append("a"), SetAction)
assert_type(Score.points.set(1), SetAction | RemoveAction)
assert_type(Score.nick.set(None), SetAction | RemoveAction)
assert_type(Score.profile[Profile.city], Attr[str])
assert_type(Score.profile["city"], Attr[Any])
assert_type(Score.history[0], Attr[Play])
assert_type(Score.history[0][Play.points], Attr[int])
assert_type(Score.key(game="a", player="b"), Key[Score])
assert_type(Score.leaderboard, Index[Score])
assert_type(Score.from_item({}), Score)


async def _answers(db: Database) -> None:
    """Never called: what calls of a database give."""
    assert_type(await db.get(Score, game="a", player="b"), Score | None)
    assert_type(await db.get_or_raise(Score, game="a", player="b"), Score)
    assert_type(await db.update(Score.key(game="a", player="b"), Score.points.add(1)), Score)
    assert_type(await db.get_many(Score, [Score.key(game="a", player="b")]), list[Score | None])
    query = db.query(Score.leaderboard, Score.game == "a", Score.points > 1)
    assert_type(query, Query[Score])
    assert_type(db.query(Score, Score.game == "a").filter(Score.points > 1).descending(), Query[Score])
    assert_type(await query.limit(3).all(), list[Score])
    assert_type(await query.first(), Score | None)
    assert_type(await query.one(), Score)
    assert_type(await query.count(), int)
    assert_type(await query.page(), Page[Score])
    assert_type(await db.execute("SELECT * FROM scores WHERE game = ?", ["a"], model=Score), list[Score])
    assert_type(await db.execute("SELECT * FROM scores"), list[dict[str, dict[str, Any]]])
    assert_type(await query.exists(), bool)
    assert_type(query.prefetch().include_expired().include_deleted().allow("count"), Query[Score])
    assert_type(query.explain(count=True), Explanation)
    assert_type(query.explain().warnings, tuple[ReadWarning, ...])
    assert_type(await db.get(Score, game="a", player="b", include_expired=True), Score | None)
    key = Score.key(game="a", player="b")
    assert_type(await db.transact_get(key, key, include_deleted=True), tuple[Score | None, Score | None])
    assert_type(await db.execute_many(["SELECT"], model=Score), list[StatementResult[Score]])
    assert_type(await db.execute_many([("SELECT ?", [1])]), list[StatementResult[dict[str, dict[str, Any]]]])
    assert_type(await db.execute_transaction(["SELECT"], model=Score), list[Score | None])
    assert_type(await db.execute_transaction(["SELECT"]), list[dict[str, dict[str, Any]] | None])
    assert_type(query.select(Score.player, Score.points), Query[tuple[str, int]])
    assert_type(
        query.select(
            Score.game,
            Score.player,
            Score.points,
            Score.bonus,
            Score.nick,
            Score.price,
            Score.played_at,
            Score.tags,
            Score.words,
            Score.revision,
        ),
        Query[tuple[str, str, int, int | None, str | None, Decimal, datetime, set[str], list[str], int]],
    )
    assert_type(await query.select(Score.profile[Profile.city]).all(), list[tuple[str]])
    assert_type(db.scan(Score).segments(4, at_once=2), Scan[Score])
    async for found in db.scan(Score.leaderboard):
        assert_type(found, Score)
    async with db.transaction() as tx:
        assert_type(tx, Transaction)
    async with db.unit_of_work() as unit:
        assert_type(await unit.get(Score, game="a", player="b"), Score | None)
    async with Database.connect("memory:") as opened:
        assert_type(opened, Database)


async def _bulk(db: Database, keys: AsyncIterator[Key[Score]]) -> None:
    """Never called: what calls on many items and blocks about requests give."""
    assert_type(await db.get_many(Score, keys, concurrency=2), list[Score | None])
    async for one in db.get_each(Score, keys):
        assert_type(one, Score | None)
    assert_type(await db.put_many(Score.from_item({}) for _ in range(3)), BatchReport)
    assert_type(await db.delete_many([Score.key(game="a", player="b"), Score.from_item({})]), BatchReport)
    assert_type((await db.update_many(keys, Score.points.add(1))).models, list[Score | None])
    own = [(Score.key(game="a", player="b"), (Score.points.add(1), Score.nick.remove()))]
    assert_type((await db.update_many(own, transactions=True)).models, list[Score | None])
    async with db.cost() as cost:
        assert_type(cost, Cost)
        assert_type(cost.by_table["scores"], Units)
        assert_type(cost.by_index["scores", "leaderboard"], Units)
    async with db.limited(RateLimit(write_units=10)):
        assert_type(db.hot_keys().top(3), list[HotKey])


async def _tables(db: Database) -> None:
    assert_type(await db.create_tables(Score, Order), None)
    assert_type(await db.check_tables(Score), None)
    assert_type(await db.table_differences(Score, Order), list[TableDifference])
    assert_type(
        await db.update_tables(Score, remove_indexes=True, progress=lambda step: print(step.words)), list[TableStep]
    )
    assert_type((await db.update_tables(Score, dry_run=True))[0].request, dict[str, Any])


async def _single_table(db: Database, invoice: Invoice, card: Card) -> None:
    both = collection(Invoice, Card)
    assert_type(both, Collection[Invoice | Card])
    assert_type(both.index("by_status"), Collection[Invoice | Card])
    assert_type(db.query(both, Invoice.customer_id == "c"), Query[Invoice | Card])
    assert_type(await db.query(collection(Invoice, Payment, others="skip")).first(), Invoice | Payment | None)
    async for found in db.query(both, Payment.pk == "CUSTOMER#c"):
        assert_type(found, Invoice | Card)
        match found:
            case Card(last4=last4):
                assert_type(last4, str)
            case Invoice():
                assert_type(found.by_status, str | None)
    assert_type(by_model(await db.query(both).all())[Card], list[Card])
    assert_type(await db.query(Payment, Payment.customer_id == "c").all(), list[Payment])
    assert_type(Ref.to(card), Ref[Card])
    assert_type(Ref.to(Card.key(customer_id="c")), Ref[Card])
    assert_type(invoice.payment, Ref[Payment] | None)
    assert_type(invoice.cards[0].key, Key[Card])
    assert_type(invoice.cards[0].model, type[Card])
    assert_type(both.name, str)
    assert_type(both.from_item({}), Invoice | Card)
    assert_type(await db.load(invoice.cards[0]), Card | None)
    assert_type(await db.load_refs([invoice], Invoice.payment), list[Payment | None])
    assert_type(await db.load_refs([invoice], Invoice.cards), list[list[Card | None]])
    invoice.payment = Ref.to(card)
