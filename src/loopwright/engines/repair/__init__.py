"""The embedded repair engine: localise, mutate, rank, search."""

from loopwright.engines.repair.engine import RepairEngine

__all__ = ["RepairEngine"]
