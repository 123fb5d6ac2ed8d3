"""All facts, and that no two have one name."""

from __future__ import annotations

from collections import Counter
from typing import Final

from facts import (
    s0_classic,
    s0_constraints,
    s0_deep,
    s0_layers,
    s0_numbers,
    s0_order,
    s1_limits,
    s1_quotas,
    s1_sizes,
    s1_tables,
    s3_capacity,
    s3_shared,
    s4_items,
    s4_operations,
    s4_tables,
    s5_expressions,
    s5_faults,
    s6_pages,
    s6_query,
    s7_transactions,
    s8_partiql,
    s9_features,
    s9_streams,
    s10_wire,
)
from facts.form import Fact

__all__ = ["ALL"]

_SUBJECTS: Final = (
    s0_numbers,
    s0_layers,
    s0_constraints,
    s0_order,
    s0_deep,
    s0_classic,
    s1_limits,
    s1_tables,
    s1_quotas,
    s1_sizes,
    s3_capacity,
    s3_shared,
    s4_items,
    s4_operations,
    s4_tables,
    s5_expressions,
    s5_faults,
    s6_query,
    s6_pages,
    s7_transactions,
    s8_partiql,
    s9_streams,
    s9_features,
    s10_wire,
)

ALL: Final[tuple[Fact, ...]] = tuple(fact for subject in _SUBJECTS for fact in subject.FACTS)

_TWICE: Final = [name for name, count in Counter(fact.id for fact in ALL).items() if count > 1]
assert not _TWICE, f"two facts have one name: {_TWICE}"
