"""Random programs of requests: a seed gives the same program to every backend."""

from __future__ import annotations

from differential.generator.programs import Program, Request, program

__all__ = ["Program", "Request", "program"]
