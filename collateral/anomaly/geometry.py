from collateral.facts.geometry import metres_between, metres_outside

__all__ = ["metres_between", "metres_outside"]
