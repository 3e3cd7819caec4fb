"""Jacobians by evaluating a function: complex step, central differences, and an error bound for every entry."""

from jacobian.numeric.measure import Numeric, numeric

__all__ = ["Numeric", "numeric"]
