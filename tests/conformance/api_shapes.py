"""Makes `ddbmodel/engine/validation/api_shapes.json`: the shapes of requests as the service's API declares them.

    python tests/conformance/api_shapes.py SERVICE_MODEL.json.gz [STREAMS_MODEL.json.gz]

The models are those of the AWS SDKs (botocore's ``service-2.json.gz``); only facts of the API are taken over: names,
types, what is required, lengths, ranges, patterns and enumerations of what a request can hold.
"""

from __future__ import annotations

import gzip
import json
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

__all__ = ["TARGET", "request_shapes"]

TARGET = Path(__file__).parents[2] / "ddbmodel" / "engine" / "validation" / "api_shapes.json"

_FACTS = ("type", "required", "enum", "min", "max", "pattern")


def request_shapes(models: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Return the operations of some service models with the shapes that their requests are made of."""
    made: dict[str, Any] = {"operations": {}, "shapes": {}}
    for model in models:
        for name, operation in sorted(model["operations"].items()):
            shape = operation.get("input", {}).get("shape")
            made["operations"][name] = shape
            if shape is not None:
                _take(shape, model["shapes"], made["shapes"])
    return made


def _take(name: str, declared: dict[str, Any], taken: dict[str, Any]) -> None:
    if name in taken:
        return
    shape = declared[name]
    facts = taken[name] = {fact: shape[fact] for fact in _FACTS if fact in shape}
    if "members" in shape:
        facts["members"] = {member: inner["shape"] for member, inner in shape["members"].items()}
    for part in ("member", "key", "value"):
        if part in shape:
            facts[part] = shape[part]["shape"]
    for inner in [
        *facts.get("members", {}).values(),
        *(facts[part] for part in ("member", "key", "value") if part in facts),
    ]:
        _take(inner, declared, taken)


def main(paths: list[str]) -> None:
    """Write the file."""
    models = [json.loads(gzip.decompress(Path(path).read_bytes())) for path in paths]
    TARGET.write_text(json.dumps(request_shapes(models), indent=0, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
