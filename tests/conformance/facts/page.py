"""The page of numbers, `docs/explanation/service-facts.md`: made from what was measured, and read back by a test."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from facts.form import Fact
from facts.measuring import Measured

__all__ = ["PAGE", "table_of", "text_of"]

PAGE: Final = Path(__file__).parents[3] / "docs" / "explanation" / "service-facts.md"

_SUBJECTS: Final[Mapping[str, str]] = {
    "S0": "validation: layers, numbers, sets, constraints, order",
    "S1": "limits",
    "S2": "item sizes",
    "S3": "consumed capacity",
    "S4": "keys, conditions, tables",
    "S5": "expressions, legacy parameters",
    "S6": "Query and Scan",
    "S7": "transactions",
    "S8": "PartiQL",
    "S9": "streams, time to live, tags",
    "S10": "the protocol over HTTP",
}
_HEAD: Final = """\
# Service facts

Read this to know how far you can trust an emulator's answer, ours included.

We keep our own list of what DynamoDB answers: {total} facts over all operations, each a sentence, where it is known
from, and requests with the answer of the service: data, error type and exact words, as in us-east-1 in 2026. {captured}
of them are answers captured in 2026, {public} are from public tests and recorded answers of the service, and
{documented} from its documentation and API model. The facts are data in `tests/conformance/facts/`; every commit of
ours must pass all of them. The same facts were asked of two other emulators over HTTP, on {date}.

* *ddbmodel*: the engine in the process, and its server for what is about HTTP.
* *DynamoDB Local* {local}: it speaks the words of before the service's new validation of 2026, so the second of its
  columns counts the facts that it passes when the words of errors do not matter, only types and data.
* *moto's server* {moto}, counted the same way.

A fact that an emulator has no way to be asked, such as one that moves its clock or needs another client at work on the
same item, counts as not passed; there are {not_asked} of them. Facts with one cause fail together: moto's limit for
items is another one, so it passes none about sizes to the byte.

"""
_FOOT: Final = """
Measure again with `python -m facts` in `tests/conformance`; it rewrites this page. A test of `make long` asks all over
and holds the numbers above against what it gets.
"""


def table_of(facts: tuple[Fact, ...], ours: Measured, peers: Mapping[str, Measured]) -> str:
    """Return the table of how many facts of each section everybody passes; peers with words and without."""
    columns = [
        [fact.id for fact in facts if fact.id not in ours.failed],
        *(
            [fact.id for fact in facts if fact.id not in out and fact.id not in peer.not_asked]
            for peer in peers.values()
            for out in (peer.failed, peer.failed_in_substance)
        ),
    ]
    names = [each for name in peers for each in (name, "without words")]
    rows = ["| facts about | of | ddbmodel | " + " | ".join(names) + " |", "|---|" + "---:|" * (len(names) + 2)]
    for section, subject in _SUBJECTS.items():
        total = sum(fact.section == section for fact in facts)
        counts = [sum(name.partition(".")[0] == section for name in passed) for passed in columns]
        rows.append(f"| {section} {subject} | {total} | " + " | ".join(map(str, counts)) + " |")
    rows.append(f"| **all** | **{len(facts)}** | " + " | ".join(f"**{len(passed)}**" for passed in columns) + " |")
    return "\n".join(rows) + "\n"


def text_of(
    facts: tuple[Fact, ...], ours: Measured, peers: Mapping[str, Measured], versions: Mapping[str, str], date: str
) -> str:
    """Return the page.

    Args:
        versions: of the peers, by their short names.
        date: of the measurement.
    """
    captured = [fact for fact in facts if "captured on the service, 2026" in fact.source]
    documented = [
        fact
        for fact in facts
        if fact not in captured and fact.source.startswith(("AWS", "the API's own", "botocore's"))
    ]
    sources = {
        "captured": len(captured),
        "documented": len(documented),
        "public": len(facts) - len(captured) - len(documented),
    }
    not_asked = max(len(peer.not_asked) for peer in peers.values())
    parts = [
        _HEAD.format(total=len(facts), date=date, not_asked=not_asked, **sources, **versions),
        table_of(facts, ours, peers),
    ]
    for name, peer in peers.items():
        parts.append(f"\n## What {name} does not pass\n\nIn substance, whatever the words:\n\n")
        parts.append(_listed(facts, peer.failed_in_substance))
        parts.append("\nIn words only:\n\n")
        parts.append(_listed(facts, peer.failed.keys() - peer.failed_in_substance))
        parts.append("\nNot to be asked:\n\n")
        parts.append(_listed(facts, peer.not_asked))
    parts.append(_FOOT)
    return "".join(parts)


def _listed(facts: tuple[Fact, ...], chosen: set[str]) -> str:
    """Return the ids of facts, a line for each subject of each section."""
    groups: dict[str, list[str]] = {}
    for fact in facts:
        if fact.id in chosen:
            section, _, rest = fact.id.partition(".")
            subject, _, name = rest.partition(".")
            groups.setdefault(f"{section}.{subject}", []).append(name)
    return "".join(
        f"* `{group}`" + (": " + ", ".join(name for name in names if name) if any(names) else "") + "\n"
        for group, names in groups.items()
    )
