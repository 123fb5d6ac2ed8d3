"""What a read is to show: ``ProjectionExpression``, or ``AttributesToGet`` from before expressions."""

from __future__ import annotations

from typing import Any

from ddbmodel.engine.validation.expressions import RequestExpressions
from ddbmodel.engine.validation.legacy import attributes_to_get, has_legacy_parameters
from ddbmodel.expressions.tree import Projection

__all__ = ["requested_projection"]


def requested_projection(request: dict[str, Any]) -> Projection | None:
    """Return the projection of a read that has no other expression; None shows everything.

    Raises:
        Refusal: it is invalid, or asked for in both ways.
    """
    legacy = has_legacy_parameters(request, "ProjectionExpression")
    expressions = RequestExpressions(request, "ProjectionExpression")
    projection = expressions.projection("ProjectionExpression")
    expressions.finish()
    return attributes_to_get(request) if legacy else projection
