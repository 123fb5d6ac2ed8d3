"""What the engine, its clocks and stream handlers give; every line must pass in each checker."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any, assert_type

from inferred_kept import Rendered
from models import Score

from ddbmodel import Database
from ddbmodel.engine import Behaviours, Clock, Engine, EngineOptions, ManualClock, SystemClock
from ddbmodel.model import Key
from ddbmodel.streams import Change, Insert, Modify, Published, Remove, StreamApp


async def _engine(engine: Engine, manual: ManualClock, system: SystemClock, behaviours: Behaviours) -> None:
    assert_type(Engine.open("memory:", clock=manual, options=EngineOptions()), Engine)
    assert_type(await engine.execute("ListTables", {}), dict[str, Any])
    assert_type(await engine.scale("DescribeScalableTargets", {}), dict[str, Any])
    assert_type(engine.behave(behaviours), None)
    assert_type(engine.now_s(), float)
    assert_type(engine.subscribe(lambda: None), Callable[[], None])
    assert_type(engine.verify(), list[str])
    assert_type(await engine.close(), None)
    assert_type(manual.now_s(), float)
    assert_type(manual.advance(1.5), None)
    assert_type(system.now_s(), float)
    clock: Clock = manual
    assert_type(clock.now_s(), float)
    assert_type(behaviours.is_off, bool)


async def _handlers(db: Database, app: StreamApp, key: Key[Score], at: datetime) -> None:
    assert_type(app.name, str)

    @app.on(Score, where=Score.points.changed(to=3), concurrency=4)
    async def handle(event: Insert[Score] | Modify[Score]) -> None:
        assert_type(event.new, Score)
        assert_type(event.old, Score | None)
        assert_type(event.key, Key[Score])

    async def every(event: Change[Score]) -> None:
        match event:
            case Insert():
                assert_type(event.new, Score)
                print(event.changed)
            case Modify():
                assert_type(event.old, Score)
                print(event.changed)
            case Remove():
                assert_type(event.old, Score)
                assert_type(event.by_ttl, bool)
                print(event.changed)

    @app.on_event(Rendered)
    async def publish(event: Rendered, about: Published) -> None:
        assert_type(about.event_id, str)

    registered = app.on(Score)(every)
    assert_type(await registered(Remove(old=Score.from_item({}), key=key, sequence="1", event_id="1", at=at)), None)
    async with app.running() as running:
        assert_type(running, StreamApp)
        assert_type(await running.drain(timeout=1.0, attempts=3), None)
    assert_type(StreamApp(db, name="a"), StreamApp)
