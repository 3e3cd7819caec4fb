"""Jacobians by evaluating a function, with an error bound for every entry, and tests of products with Jacobians."""

from jacobian.numeric.adjoint import Adjoint, adjoint_test
from jacobian.numeric.measure import numeric
from jacobian.numeric.result import Kink, Numeric
from jacobian.numeric.taylor import TaylorRates, taylor_rates

__all__ = ["Adjoint", "Kink", "Numeric", "TaylorRates", "adjoint_test", "numeric", "taylor_rates"]
