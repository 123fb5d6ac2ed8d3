"""Mistakes; each marked line must be an error in each checker, and no other line may be."""

from __future__ import annotations

from datetime import UTC, datetime

from models import Card, Invoice, Order, Play, Profile, Score

from ddbmodel import AutoScale, Database, OnDemand, Provisioned, RateLimit, Ref, attr, collection, partition_key
from ddbmodel.expressions.tree import Condition

now = datetime.now(UTC)
score = Score(game="tetris", player="ann", played_at=now)


def only_conditions(condition: Condition) -> None: ...


Score(game="a", player="b")  # mistake
Score(game=1, player="b", played_at=now)  # mistake
Score(game="a", player="b", played_at=now, pionts=1)  # mistake
Score(game="a", player="b", played_at=now, points="x")  # mistake
Score("a", "b", now)  # mistake
Order(pk="x", customer_id="c")  # mistake
score.points.upper()  # mistake
score.points = "x"  # mistake
score.pionts  # mistake
Score.pionts > 3  # mistake
Score.points > "x"  # mistake
Score.points < None  # mistake
Score.bonus >= "x"  # mistake
Score.profile < 3  # mistake
Score.played_at.between(1, 2)  # mistake
Score.game.is_in([1])  # mistake
Score.points.begins_with("a")  # mistake
Score.game.begins_with(1)  # mistake
Score.points.contains(1)  # mistake
Score.tags.contains(1)  # mistake
Score.game.add("x")  # mistake
Score.points.add("x")  # mistake
Score.points.add(1.5)  # mistake
Score.tags.add("x")  # mistake
Score.points.set("x")  # mistake
Score.points.set(None)  # mistake
Score.words.append(1)  # mistake
Score.tags.append("x")  # mistake
Score.tags.union({1})  # mistake
Score.points.union({1})  # mistake
Score.profile[Profile.city].set(1)  # mistake
Score.history[0][Play.points] > "x"  # mistake
Score.words[0].add(1)  # mistake
Score.game.attribute_type("TEXT")  # mistake
only_conditions(Score.points == "x" and True)  # mistake
only_conditions(score.points == 3)  # mistake


async def _calls(db: Database) -> None:
    await db.get("Score", game="a")  # mistake
    await db.put({"game": "a"})  # mistake
    await db.update(score, Score.points.add(1))  # mistake
    await db.update(Score.key(game="a", player="b"), Score.points == 1)  # mistake
    db.query(Score, score.game == "a")  # mistake
    db.query(Score, Score.game == "a").limit("3")  # mistake
    db.query(Score, Score.game == "a").select("points")  # mistake
    db.query(Score, Score.game == "a").segments(3)  # mistake


async def _bulk(db: Database) -> None:
    await db.put_many(score)  # mistake
    await db.put_many([score], on_error="ignore")  # mistake
    await db.put_many([score], progress=lambda done: None)  # mistake
    await db.delete_many(["a"])  # mistake
    await db.update_many([Score.key(game="a", player="b")], Score.points == 1)  # mistake
    await db.update_many([Score.key(game="a", player="b")], transactions=25)  # mistake
    db.limited(100)  # mistake
    RateLimit(100)  # mistake


async def _tables(db: Database) -> None:
    await db.create_tables(score)  # mistake
    await db.create_tables("scores")  # mistake
    await db.update_tables(Score, remove_indexes="by_place")  # mistake
    await db.update_tables(Score, progress=lambda: None)  # mistake
    await db.table_differences([Score])  # mistake
    Database.connect("memory:", table_prefix=3)  # mistake


Provisioned(read=5)  # mistake
AutoScale(read=5, write=5)  # mistake
OnDemand(max_reads=5)  # mistake


async def _reads(db: Database) -> None:
    db.query(Score, Score.game == "a").allow("everything")  # mistake
    db.query(Score, Score.game == "a").prefetch(2)  # mistake
    db.query("scores", Score.game == "a")  # mistake
    db.query(Score, "game = a")  # mistake
    db.query(Score, Score.game == "a").filter(score.points > 3)  # mistake
    db.query(Score, Score.game == "a").page_size("3")  # mistake
    db.scan(Score, Score.game == "a")  # mistake
    db.scan(Score).segments("3")  # mistake
    Database.connect("memory:", lint="on")  # mistake
    Database.connect("memory:", cursor_secret=5)  # mistake
    Database.connect("memory:", join_gets=1)  # mistake
    await db.query(Score, Score.game == "a").page(3)  # mistake
    (await db.query(Score, Score.game == "a").select(Score.points).all())[0][0].upper()  # mistake
    (await db.execute_many(["SELECT"], model=Score))[0].points  # mistake
    await db.execute_many([("SELECT", "x", "y")])  # mistake
    await db.execute("SELECT", model=3)  # mistake


attr(stored="no")  # mistake
partition_key("A#{a}", escape="yes")  # mistake
collection(Invoice, str)  # mistake
collection(Invoice, Card, others="keep")  # mistake
Invoice(customer_id="c", by_status="STATUS#x")  # mistake
Invoice(customer_id="c", pk="CUSTOMER#c")  # mistake
Ref.to("c")  # mistake


async def _single_table(db: Database, invoice: Invoice) -> None:
    Invoice(customer_id="c", payment=Ref.to(invoice))  # mistake
    await db.load(invoice)  # mistake
    await db.load_refs([invoice], Invoice.status)  # mistake
    (await db.query(collection(Invoice, Card), Invoice.pk == "x").all())[0].last4.upper()  # mistake
    db.query(Invoice, Invoice.customer_id == 5)  # mistake
