"""The command ``ddbmodel``: one file for each of its subcommands, and `main.py`, which chooses among them."""

from __future__ import annotations
