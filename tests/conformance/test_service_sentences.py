"""Every sentence that is known of the service is asked by facts; see `service_sentences.txt`."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from facts.collection import ALL

_LISTED = Path(__file__).with_name("service_sentences.txt")
_IDS = [fact.id for fact in ALL]


def _sentences() -> list[tuple[str, ...]]:
    lines = [line for line in _LISTED.read_text().splitlines() if line and not line.startswith("#")]
    return [tuple(part.strip() for part in line.split("|")) for line in lines]


def _asked_by(pattern: str) -> list[str]:
    if pattern.endswith("*"):
        return [each for each in _IDS if each.startswith(pattern[:-1])]
    return [each for each in _IDS if each == pattern]


@pytest.mark.parametrize("sentence", [pytest.param(each, id=each[0]) for each in _sentences()])
def test_a_sentence_has_facts_or_a_reason_why_none_asks_it(sentence: tuple[str, ...]) -> None:
    _, says, facts = sentence

    assert says
    if facts.startswith("!"):
        assert facts[1:].strip()
        return
    assert facts, "neither facts nor a reason"
    assert [pattern for pattern in facts.split() if not _asked_by(pattern)] == []


def test_no_two_sentences_have_one_id_and_all_sections_have_some() -> None:
    ids = [sentence[0] for sentence in _sentences()]

    assert len(set(ids)) == len(ids)
    assert {each.partition(".")[0] for each in ids} == {str(section) for section in range(11)}
