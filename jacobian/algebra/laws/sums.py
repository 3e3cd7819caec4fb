"""Sums of two maps. A pair is tried in both orders."""

from __future__ import annotations

import numpy as np

from jacobian.algebra.entries import is_array, space
from jacobian.algebra.jacobian import Jacobian, add, compose
from jacobian.algebra.kinds import BlockDiagonal, Column, Dense, Diagonal, Kronecker, LowRank, Row, Scalar, alike
from jacobian.algebra.law import DEFINITION, MN, law
from jacobian.algebra.neutral import Identity, Zero


@law("+", Zero, Jacobian, "zero adds nothing", "0 + A = A", DEFINITION)
def _(J: Zero, K: Jacobian) -> Jacobian:
    return K


@law("+", Identity, Identity, "sum of identities", "I + I = 2 I", DEFINITION)
def _(J: Identity, K: Identity) -> Jacobian:
    return Scalar(2, J.n)


@law("+", Identity, Scalar, "sum of scalar maps", "I + s I = (1 + s) I", DEFINITION)
def _(J: Identity, K: Scalar) -> Jacobian:
    return Scalar(space(K.s).add(1, K.s), K.n)


@law("+", Scalar, Scalar, "sum of scalar maps", "s I + t I = (s + t) I", DEFINITION)
def _(J: Scalar, K: Scalar) -> Jacobian:
    return Scalar(space(J.s, K.s).add(J.s, K.s), K.n)


@law("+", Identity, Diagonal, "an identity shifts a diagonal", "I + diag(a) = diag(1 + a)", DEFINITION)
def _(J: Identity, K: Diagonal) -> Jacobian:
    return Diagonal(space(K.d).shift(K.d, 1))


@law("+", Scalar, Diagonal, "a scalar map shifts a diagonal", "s I + diag(a) = diag(s + a)", DEFINITION)
def _(J: Scalar, K: Diagonal) -> Jacobian:
    return Diagonal(space(K.d, J.s).shift(K.d, J.s))


@law("+", Diagonal, Diagonal, "sum of diagonals", "diag(a) + diag(b) = diag(a + b)", DEFINITION)
def _(J: Diagonal, K: Diagonal) -> Jacobian:
    return Diagonal(space(J.d).add(*alike(J.d, K.d)))


@law("+", Dense, Dense, "sum of matrices", "[A] + [B] = [A + B]", DEFINITION)
def _(J: Dense, K: Dense) -> Jacobian:
    return Dense(space(J.a).add(J.a, K.a))


@law("+", Row, Row, "sum of gradients", "vec(g)ᵀ + vec(h)ᵀ = vec(g + h)ᵀ", DEFINITION)
def _(J: Row, K: Row) -> Jacobian:
    return Row(space(J.g).add(*alike(J.g, K.g)))


@law("+", Column, Column, "sum of columns", "vec(x) + vec(y) = vec(x + y)", DEFINITION)
def _(J: Column, K: Column) -> Jacobian:
    return Column(space(J.x).add(*alike(J.x, K.x)))


@law("+", Kronecker, Kronecker, "a common Kronecker factor",
     "A ⊗ B + A ⊗ C = A ⊗ (B + C), A ⊗ C + B ⊗ C = (A + B) ⊗ C", f"{MN}, 2.2")
def _(J: Kronecker, K: Kronecker) -> Jacobian | None:
    if J.a.equals(K.a) and J.b.shape == K.b.shape:
        return Kronecker(J.a, add(J.b, K.b))
    if J.b.equals(K.b) and J.a.shape == K.a.shape:
        return Kronecker(add(J.a, K.a), J.b)
    return None


@law("+", BlockDiagonal, BlockDiagonal, "sum of blocks", "(A ⊕ B) + (C ⊕ D) = (A + C) ⊕ (B + D)", DEFINITION)
def _(J: BlockDiagonal, K: BlockDiagonal) -> Jacobian | None:
    if [B.shape for B in J.blocks] == [B.shape for B in K.blocks]:
        return BlockDiagonal(tuple(map(add, J.blocks, K.blocks)))
    return None


@law("+", LowRank, LowRank, "low ranks add up", "A Bᵀ + C Dᵀ = (A, C) (B, D)ᵀ", DEFINITION)
def _(J: LowRank, K: LowRank) -> Jacobian | None:
    if not (is_array(J.u) and is_array(K.u)):
        return None
    return LowRank(np.hstack([J.u, K.u]), np.hstack([J.v, K.v]))


@law("+", Jacobian, Jacobian, "a map added to itself", "A + A = (2 I) A", DEFINITION)
def _(J: Jacobian, K: Jacobian) -> Jacobian | None:
    return compose(Scalar(2, J.shape[0]), J) if J.equals(K) else None
