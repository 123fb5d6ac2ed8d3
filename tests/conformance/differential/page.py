"""The table in ``docs/explanation/engine-differences.md``; ``python -m differential.page`` rewrites it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from differential.differences import DIFFERENCES

__all__ = ["BEGIN", "END", "table"]

BEGIN: Final = "<!-- differences: begin -->"
END: Final = "<!-- differences: end -->"
_PAGE: Final = Path(__file__).parent.parent.parent.parent / "docs" / "explanation" / "engine-differences.md"


def table() -> str:
    """Return the table."""
    rows = ["| the engine | DynamoDB Local | the service | source | whose side |", "|---|---|---|---|---|"]
    for row in DIFFERENCES:
        cells = (row.name, row.local, row.service, row.source, row.takes)
        rows.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(rows)


def main() -> None:
    page = _PAGE.read_text()
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    _PAGE.write_text(f"{before}{BEGIN}\n\n{table()}\n\n{END}{after}")


if __name__ == "__main__":
    main()
