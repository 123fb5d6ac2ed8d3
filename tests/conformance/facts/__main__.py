"""Ask everybody every fact, and rewrite the page: ``python -m facts`` in `tests/conformance`."""

from __future__ import annotations

import logging
import sys
import tempfile
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from servers import dynamodb_local, moto_server

from facts.collection import ALL
from facts.measuring import measure_engine, measure_server
from facts.page import PAGE, text_of
from facts.serving import our_server


def main() -> None:
    # Requests that moto breaks at are told at length.
    logging.disable(logging.CRITICAL)
    with tempfile.TemporaryDirectory() as folder, our_server(Path(folder)) as server:
        ours = measure_engine(ALL, server)
    for name, found in ours.failed.items():
        print(f"ddbmodel does not pass {name}\n  {found}")
    with dynamodb_local() as url:
        local = measure_server(ALL, url)
    with moto_server() as url:
        moto = measure_server(ALL, url)
    peers = {"DynamoDB Local": local, "moto": moto}
    versions = {"local": "1.25.1", "moto": version("moto")}
    PAGE.write_text(text_of(ALL, ours, peers, versions, datetime.now(UTC).date().isoformat()))
    for name, measured in {"ddbmodel": ours, **peers}.items():
        passed = len(ALL) - len(measured.failed) - len(measured.not_asked)
        print(f"{name} passes {passed} of {len(ALL)}")


if __name__ == "__main__":
    main()
