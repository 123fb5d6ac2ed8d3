"""``python -m ddbmodel.cli`` is the command ``ddbmodel``."""

from __future__ import annotations

import sys

from ddbmodel.cli.main import main

__all__: list[str] = []

if __name__ == "__main__":
    sys.exit(main())
