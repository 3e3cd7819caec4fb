"""The same map in a simpler kind."""

from __future__ import annotations

from jacobian.algebra.entries import count, space
from jacobian.algebra.jacobian import Jacobian
from jacobian.algebra.kinds import Diagonal, Kronecker, Row, Scalar
from jacobian.algebra.law import DEFINITION, MN, law
from jacobian.algebra.neutral import Commutation, Identity, Zero


@law("=", Kronecker, None, "Kronecker of identities", "I_m ⊗ I_n = I_{mn}", f"{MN}, 2.2")
def _(J: Kronecker) -> Jacobian | None:
    if isinstance(J.a, Identity) and isinstance(J.b, Identity):
        return Identity(count(J.a.n) * count(J.b.n))
    return None


@law("=", Kronecker, None, "Kronecker with one", "I_1 ⊗ A = A, A ⊗ I_1 = A", f"{MN}, 2.2")
def _(J: Kronecker) -> Jacobian | None:
    for one, other in ((J.a, J.b), (J.b, J.a)):
        if isinstance(one, Identity) and one.shape == (1, 1):
            return other
    return None


@law("=", Kronecker, None, "Kronecker of diagonals", "diag(a) ⊗ diag(b) = diag(a bᵀ)", f"{MN}, 2.2")
def _(J: Kronecker) -> Jacobian | None:
    if isinstance(J.a, Diagonal) and isinstance(J.b, Diagonal):
        return Diagonal(space(J.a.d).outer(J.a.d, J.b.d))
    return None


@law("=", Kronecker, None, "Kronecker with zero", "0 ⊗ A = 0, A ⊗ 0 = 0", f"{MN}, 2.2")
def _(J: Kronecker) -> Jacobian | None:
    return Zero(*J.shape) if isinstance(J.a, Zero) or isinstance(J.b, Zero) else None


@law("=", Commutation, None, "transpose of a vector", "K_{m,1} = I_m, K_{1,n} = I_n", f"{MN}, 3.7")
def _(J: Commutation) -> Jacobian | None:
    return Identity(J.shape[0]) if 1 in (count(J.m), count(J.n)) else None


@law("=", Scalar, None, "a scalar map of one entry", "s I_1 = vec(s)ᵀ", DEFINITION)
def _(J: Scalar) -> Jacobian | None:
    typeless = isinstance(J.s, int | float | complex)
    return Row(J.s) if J.shape == (1, 1) and not typeless else None
