"""Application Auto Scaling, the service that moves the capacity of tables: what an executor offers that reaches it.

Requests have the shapes of that service's API. On AWS, and on servers that have it, they go there; the embedded engine
carries them out itself, on its own clock.
"""

from __future__ import annotations

from typing import Final, Protocol, runtime_checkable

from ddbmodel.errors import NotSupportedHere
from ddbmodel.transport.executor import Executor, Request, Response

__all__ = ["SCALING_OPERATIONS", "Scaling", "scale"]

SCALING_OPERATIONS: Final = frozenset(
    {
        "DeregisterScalableTarget",
        "DescribeScalableTargets",
        "DescribeScalingPolicies",
        "PutScalingPolicy",
        "RegisterScalableTarget",
    }
)


@runtime_checkable
class Scaling(Protocol):
    """An executor that can let capacity follow the load."""

    async def scale(self, operation: str, request: Request) -> Response:
        """Return the response of an operation of Application Auto Scaling.

        Raises:
            NotSupportedHere: the server has no such service.
            ServiceError: the service refused.
        """
        ...


async def scale(executor: Executor, operation: str, request: Request) -> Response:
    """Return the response of an operation of Application Auto Scaling; raises as `Scaling.scale`."""
    if not isinstance(executor, Scaling):
        raise NotSupportedHere(
            "capacity cannot follow the load here: this backend has no Application Auto Scaling; say "
            "Provisioned(...) or OnDemand() where it is used"
        )
    return await executor.scale(operation, request)
