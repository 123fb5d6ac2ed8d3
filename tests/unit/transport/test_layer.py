"""A layer can what the executor below it can, and nothing else."""

from __future__ import annotations

from scripted_executor import ScriptedExecutor

from ddbmodel.transport.embedded import EmbeddedExecutor
from ddbmodel.transport.executor import ChangeNotifier, Misbehaving, Timekeeper, service_time_s
from ddbmodel.transport.layer import ExecutorLayer


async def test_abilities_of_the_executor_below_show_through_layers() -> None:
    inner = EmbeddedExecutor.open("memory:")
    layer = ExecutorLayer(ExecutorLayer(inner))

    assert isinstance(layer, ChangeNotifier)
    assert isinstance(layer, Misbehaving)
    assert isinstance(layer, Timekeeper)
    assert abs(service_time_s(layer) - service_time_s(inner)) < 1
    assert await layer.execute("ListTables", {}) == {"TableNames": []}
    await layer.close()


async def test_a_layer_has_no_ability_that_the_executor_below_lacks() -> None:
    inner = ScriptedExecutor(lambda _, request: {})
    layer = ExecutorLayer(inner)

    assert not isinstance(layer, (ChangeNotifier, Misbehaving, Timekeeper))
    await layer.close()
    assert inner.closed == 1
