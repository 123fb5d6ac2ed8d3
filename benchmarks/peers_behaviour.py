"""Runs the same probes with this library and with its peers, and prints which of them do what is right.

A probe is about one defect of `tests/peers/defects.py`. The peers are installed into ``.cache/peers``, with Python 3.12
where there is one, since not all of them run on an older one; all talk to the same server: ours, or with
``--dynamodb-local`` DynamoDB Local. Every module in ``peer_probes`` is what a careful user of that mapper would write.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from peers import ddbmodel_server, dynamodb_local

_PROBES: Final = Path(__file__).parent / "peer_probes"
_CACHE: Final = Path(__file__).parent.parent / ".cache" / "peers"
_PEERS: Final = {"pydynox": "1.8.0", "dynamoxy": "0.3.0", "pynamodb": "6.1.0", "dyntastic": "0.18.0"}
_SIGNS: Final = {"right": "yes", "wrong": "**no**", "none": "·"}


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--dynamodb-local", action="store_true", help="ask DynamoDB Local instead of our server")
    against_local = arguments.parse_args().dynamodb_local
    python = _environment()
    results: dict[str, Mapping[str, str]] = {}
    with (dynamodb_local if against_local else ddbmodel_server)() as url:
        results["ddbmodel"] = _run(Path(sys.executable), "ddbmodel", url)
        for name, pinned in _PEERS.items():
            results[f"{name} {pinned}"] = _run(python, name, url)
    print("| defect | " + " | ".join(results) + " |")
    print("|---" * (len(results) + 1) + "|")
    for probe in results["ddbmodel"]:
        cells = (_SIGNS.get(found := of_peer.get(probe, "none"), f"**{found}**") for of_peer in results.values())
        print(f"| `{probe}` | {' | '.join(cells)} |")
    print(f"\n`yes` is right, `·` a feature that is not claimed. The peers ran with {_says(python)}.")


def _environment() -> Path:
    """Return the Python of the environment with the peers, which is made when it is missing."""
    python = _CACHE / "bin" / "python"
    if not python.exists():
        base = shutil.which("python3.12") or sys.executable
        subprocess.run([base, "-m", "venv", str(_CACHE)], check=True)
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    for package in ("boto3", "pydantic", *(f"{name}=={pinned}" for name, pinned in _PEERS.items())):
        if subprocess.run([*pip, package], check=False, capture_output=True).returncode != 0:
            print(f"{package} cannot be installed for {_says(python)}; its column stays empty", file=sys.stderr)
    return python


def _run(python: Path, name: str, url: str) -> Mapping[str, str]:
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("AWS_")},
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_DEFAULT_REGION": "us-east-1",
        "PEER_URL": url,
    }
    command = [str(python), str(_PROBES / f"{name}_probes.py")]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=300)
    lines = ran.stdout.strip().splitlines()
    if not lines:
        print(f"{name}: {ran.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
        return {}
    found: Mapping[str, str] = json.loads(lines[-1])
    return found


def _says(python: Path) -> str:
    return subprocess.run([str(python), "--version"], capture_output=True, text=True, check=True).stdout.strip()


if __name__ == "__main__":
    main()
