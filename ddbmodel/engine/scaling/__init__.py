"""Capacity that follows the load: Application Auto Scaling, as far as it moves tables, on the engine's clock."""

from ddbmodel.engine.scaling.auto_scaler import AutoScaler
from ddbmodel.engine.scaling.handlers import scaling_outcome

__all__ = ["AutoScaler", "scaling_outcome"]
