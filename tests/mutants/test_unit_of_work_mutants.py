"""Each guard of the unit of work, taken out: the suite must notice every time, or it does not hold what it seems to.

A mutant is a copy of the package with one text replaced. The tests that run against it are named with it; quick runs
try none, a check tries a few, and the long run all.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pytest

ROOT: Final = Path(__file__).parent.parent.parent
PACKAGE: Final = ROOT / "ddbmodel"
UNIT: Final = "tests/unit/unit_of_work"


@dataclass(frozen=True, slots=True)
class Mutant:
    """What is replaced in which file, and which tests must fail then."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]


MUTANTS: Final = (
    Mutant(
        "no version guard",
        "guards.py",
        '    if mode == "version":\n        return _has_version(model, snapshot)\n    paths',
        '    if mode == "version":\n        return is_present(model)\n    paths',
        (f"{UNIT}/test_unit.py",),
    ),
    Mutant(
        "no token",
        "commit.py",
        '{**body, "ClientRequestToken": token}',
        "dict(body)",
        (f"{UNIT}/test_commit.py",),
    ),
    Mutant(
        "version moved before success",
        "unit.py",
        "        try:\n            await commit(self._executor",
        "        list(map(_settle, plan.actions))\n        try:\n            await commit(self._executor",
        (f"{UNIT}/test_commit.py", f"{UNIT}/test_outcomes.py"),
    ),
    Mutant(
        "savepoint leaks conditions",
        "savepoints.py",
        "tracked.conditions, tracked.is_parent = list(saved.conditions), saved.is_parent",
        "pass",
        (f"{UNIT}/test_savepoints.py",),
    ),
    Mutant(
        "savepoint forgets reads",
        "savepoints.py",
        "if saved.was_read or tracked.snapshot is None:",
        "if True:",
        (f"{UNIT}/test_savepoints.py",),
    ),
    Mutant(
        "absent read unchecked",
        "flush_plan.py",
        "return is_absent(model) if tracked.read_as_absent else None",
        "return None",
        (f"{UNIT}/test_protection.py",),
    ),
    Mutant(
        "reads unchecked",
        "flush_plan.py",
        "as_read = self._as_read(tracked) if self._protection.is_serializable else None\n        if as_read is None",
        "as_read = None\n        if as_read is None",
        ("tests/property/test_serializable.py",),
    ),
    Mutant(
        "versions from one (ABA)",
        "unit.py",
        "self._version_base = dice.getrandbits(_VERSION_BASE_BITS) + 1",
        "self._version_base = 1",
        (f"{UNIT}/test_unit.py", "tests/property/test_unit_of_work.py"),
    ),
    Mutant(
        "a list that changed taken for one that grew",
        "minimal_update.py",
        "if len(new) > len(old) and all(map(same_value, old, new)):",
        "if len(new) > len(old):",
        (f"{UNIT}/test_minimal_update.py", "tests/property/test_minimal_update.py"),
    ),
    Mutant(
        "reasons mapped to the wrong object",
        "commit_failures.py",
        "found.instance = plan.actions[position].tracked.instance",
        "found.instance = plan.actions[0].tracked.instance",
        (f"{UNIT}/test_protection.py",),
    ),
    Mutant(
        "unknown outcome taken for failure",
        "commit.py",
        "raise (_unknown(plan) if left_open else failure) from error",
        "raise failure from error",
        (f"{UNIT}/test_commit.py",),
    ),
    Mutant(
        "attributes that others added unseen",
        "guards.py",
        "known = snapshot.stored.keys() | schema_of(model).attributes.values()",
        "known = snapshot.stored.keys()",
        (f"{UNIT}/test_protection.py",),
    ),
    Mutant(
        "required lock unchecked",
        "unit.py",
        "self._items.at(lock.key).conditions.append(lock.condition)",
        "return",
        ("tests/e2e/test_lock_stories.py",),
    ),
    Mutant(
        "record of a command not in the transaction",
        "unit.py",
        "if not self._events and self._record_key.idempotency_key is None:",
        "if True:",
        ("tests/e2e/test_event_stories.py",),
    ),
)


def _survives(mutant: Mutant, folder: Path) -> bool:
    shutil.copytree(PACKAGE, folder / "ddbmodel", ignore=shutil.ignore_patterns("__pycache__"))
    file = folder / "ddbmodel" / "unit_of_work" / mutant.file
    text = file.read_text(encoding="utf-8")
    assert text.count(mutant.old) == 1, f"{mutant.name}: {mutant.file} has changed; change the mutant with it"
    file.write_text(text.replace(mutant.old, mutant.new), encoding="utf-8")
    chosen = [] if mutant.tests[0].startswith(("tests/unit", "tests/property")) else ["-k", "memory"]
    # Without -P the package of the working directory would come before the mutant.
    command = [sys.executable, "-P", "-m", "pytest", "-q", "-x", "-p", "no:cacheprovider", *chosen, *mutant.tests]
    environment = {**os.environ, "PYTHONPATH": str(folder), "PYTHONDONTWRITEBYTECODE": "1"}
    environment.pop("PYTEST_XDIST_WORKER", None)
    ran = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=300)
    assert ran.returncode in (0, 1), ran.stdout[-2000:] + ran.stderr[-2000:]
    return ran.returncode == 0


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(MUTANTS)), ids=[mutant.name for mutant in MUTANTS])
def test_the_suite_kills_the_mutant(number: int, effort: Any, tmp_path: Path) -> None:
    if number >= effort.count(quick=0, check=4, long=len(MUTANTS)):
        pytest.skip("only the long run tries all mutants")

    assert not _survives(MUTANTS[number], tmp_path)
