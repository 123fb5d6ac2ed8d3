"""Half a minute of the soak: clients on a server that is killed every five seconds lose nothing."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from clients import Client, Connection
from soak import soak


@pytest.mark.slow
@pytest.mark.alone
async def test_fifty_clients_lose_nothing_to_a_server_that_is_killed_again_and_again(
    tmp_path: Path, effort: Any
) -> None:
    figures = await soak(
        tmp_path,
        seconds=effort.count(quick=8, check=23, long=600),
        kill_every_s=effort.count(quick=3, check=5, long=20),
        clients=50,
        seed=2026,
    )

    assert figures.kills >= 2
    assert figures.unknowns > 0
    assert figures.answers > 1000


def test_a_lost_write_is_found() -> None:
    client = Client(0, 1, Connection(None, ""))  # type: ignore[arg-type]  # it sends nothing
    client.items["client-0/0"].became(7)
    client.items["client-0/1"].became(8)
    client.items["client-0/1"].may_become(9)
    client.counted, client.perhaps_counted = 5, 1

    def stored(first: int, second: int, counter: int) -> dict[str, dict[str, Any]]:
        return {
            "client-0/0": {"version": {"N": str(first)}},
            "client-0/1": {"version": {"N": str(second)}},
            "client-0/counter": {"n": {"N": str(counter)}},
        }

    assert client.problems(stored(7, 9, 6)) == []
    assert client.problems(stored(6, 9, 6)) == ["client-0/0 is 6, acknowledged ['7']"]
    assert client.problems(stored(7, 7, 5)) == ["client-0/1 is 7, acknowledged ['8', '9']"]
    assert client.problems(stored(7, 8, 4)) == ["client-0 counted 5 and perhaps 1, stored is 4"]
    assert client.problems(stored(7, 8, 7)) == ["client-0 counted 5 and perhaps 1, stored is 7"]
