"""Survey many programs: ``python -m differential [--programs 100] [--from 0] [--url URL] [--no-messages]``.

Where the test stops at the first disagreement that nothing explains, this goes on and counts them by their kind.
"""

from __future__ import annotations

import argparse
import asyncio
import re
import sys
from collections import Counter
from contextlib import closing, nullcontext
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from servers import dynamodb_local

from differential.agreement import levelled
from differential.backends import DynamoDBLocal, Embedded
from differential.differences import known, parted
from differential.generator import program
from differential.runner import Disagreement, Pair


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=int, default=100)
    parser.add_argument("--from", type=int, default=0, dest="first")
    parser.add_argument("--length", type=int, default=60)
    parser.add_argument("--url", help="a DynamoDB Local that runs already")
    parser.add_argument("--no-messages", action="store_true", help="compare error types only")
    parser.add_argument("--subject", help="only programs about: items, statements, tables, streams")
    parser.add_argument("--operation", help="only disagreements in this operation")
    parser.add_argument("--examples", type=int, default=1)
    given = parser.parse_args()
    kinds: Counter[str] = Counter()
    rows: Counter[str] = Counter()
    examples: dict[str, list[str]] = {}
    asked = 0
    loop = asyncio.new_event_loop()
    with nullcontext(given.url) if given.url else dynamodb_local() as url, closing(DynamoDBLocal(url)) as local:
        for seed in range(given.first, given.first + given.programs):
            made = program(seed, given.length, f"program{seed}")
            if given.subject and made.subject != given.subject:
                continue
            with closing(Embedded(loop)) as embedded:
                for found in Pair(embedded, local, messages=not given.no_messages).survey(made):
                    if found.differences:
                        rows.update(row.name for row in found.differences)
                    elif not given.operation or found.operation == given.operation:
                        kind = _kind(found)
                        kinds[kind] += 1
                        if len(examples.setdefault(kind, [])) < given.examples:
                            examples[kind].append(f"seed {seed} ({made.subject}) #{found.number} {found.report()}")
            asked += len(made.requests)
    for kind, count in kinds.most_common():
        print(f"\n{count:4} x {kind}")
        for example in examples[kind]:
            print("    " + example[:1500])
    print(f"\n{asked} requests, {sum(kinds.values())} unexplained of {len(kinds)} kinds")
    for name, count in rows.most_common():
        print(f"{count:5} {name}")
    loop.close()


def _kind(found: Disagreement) -> str:
    ours, theirs = ((answer.error or "a response", _template(answer.message)) for answer in (found.ours, found.theirs))
    if found.ours.error is None and found.theirs.error is None:
        one, other = (levelled(found.operation, found.request, a.response) for a in (found.ours, found.theirs))
        parts = [part for part in parted(one, other) if not known(found.operation, *part)]
        return f"{found.operation}\n       {'; '.join(_shown(*part) for part in parts)}"[:300]
    return f"{found.operation}\n       E {ours[0]}: {ours[1]}\n       L {theirs[0]}: {theirs[1]}"


def _shown(path: str, *sides: Any) -> str:
    return f"{path} {' / '.join(str(side) if not isinstance(side, (dict, list)) else '...' for side in sides)}"


def _template(message: str) -> str:
    message = re.sub(r"'[^']*'", "'_'", message)
    message = re.sub(r'"[^"]*"', '"_"', message)
    message = re.sub(r"\{[^}]*\}", "{_}", message)
    message = re.sub(r"\[[^\]]*\]", "[_]", message)
    return re.sub(r"\d+", "0", message)[:160]


if __name__ == "__main__":
    main()
