"""Jᵀ of each kind: a new kind needs a row here."""

from __future__ import annotations

import numpy as np

from jacobian.algebra.entries import space
from jacobian.algebra.jacobian import Jacobian, Product, Sum
from jacobian.algebra.kinds import BlockDiagonal, Column, Dense, Diagonal, Kronecker, LowRank, Row, Scalar
from jacobian.algebra.law import DEFINITION, MN, law
from jacobian.algebra.neutral import (
    Commutation,
    Embedding,
    Gather,
    Identity,
    Insertion,
    Part,
    Permutation,
    Scatter,
    Selection,
    Zero,
)


@law("T", Zero, None, "transpose of zero", "0_{m,n}ᵀ = 0_{n,m}", DEFINITION)
def _(J: Zero) -> Jacobian:
    return Zero(J.n, J.m)


@law("T", Identity, None, "transpose of the identity", "Iᵀ = I", DEFINITION)
@law("T", Scalar, None, "transpose of a scalar map", "(s I)ᵀ = s I", DEFINITION)
@law("T", Diagonal, None, "transpose of a diagonal", "diag(a)ᵀ = diag(a)", DEFINITION)
def _(J: Jacobian) -> Jacobian:
    return J


@law("T", Dense, None, "transpose of a matrix", "[A]ᵀ = [Aᵀ]", DEFINITION)
def _(J: Dense) -> Jacobian:
    return Dense(space(J.a).transpose(J.a))


@law("T", Row, None, "transpose of a row", "(vec(g)ᵀ)ᵀ = vec(g)", DEFINITION)
def _(J: Row) -> Jacobian:
    return Column(J.g)


@law("T", Column, None, "transpose of a column", "vec(x)ᵀ = vec(x)ᵀ", DEFINITION)
def _(J: Column) -> Jacobian:
    return Row(J.x)


@law("T", Commutation, None, "transpose of a commutation", "K_{m,n}ᵀ = K_{n,m}", f"{MN}, 3.7")
def _(J: Commutation) -> Jacobian:
    return Commutation(J.n, J.m)


@law("T", Permutation, None, "transpose of a permutation", "Pᵀ = P⁻¹", DEFINITION)
def _(J: Permutation) -> Jacobian:
    return Permutation(np.argsort(J.p))


@law("T", Gather, None, "transpose of a gather", "(R)ᵀ = Rᵀ", DEFINITION)
def _(J: Gather) -> Jacobian:
    return Scatter(J.p, J.n)


@law("T", Scatter, None, "transpose of a scatter", "(Rᵀ)ᵀ = R", DEFINITION)
def _(J: Scatter) -> Jacobian:
    return Gather(J.p, J.n)


@law("T", Selection, None, "transpose of a selection", "(S)ᵀ = Sᵀ", DEFINITION)
def _(J: Selection) -> Jacobian:
    return Embedding(J.n)


@law("T", Embedding, None, "transpose of an embedding", "(Sᵀ)ᵀ = S", DEFINITION)
def _(J: Embedding) -> Jacobian:
    return Selection(J.n)


@law("T", Part, None, "transpose of a part", "(E)ᵀ = Eᵀ", DEFINITION)
def _(J: Part) -> Jacobian:
    return Insertion(J.n, J.before, J.after)


@law("T", Insertion, None, "transpose of an insertion", "(Eᵀ)ᵀ = E", DEFINITION)
def _(J: Insertion) -> Jacobian:
    return Part(J.n, J.before, J.after)


@law("T", LowRank, None, "transpose of a low rank", "(A Bᵀ)ᵀ = B Aᵀ", DEFINITION)
def _(J: LowRank) -> Jacobian:
    return LowRank(J.v, J.u)


@law("T", Kronecker, None, "transpose of a Kronecker product", "(A ⊗ B)ᵀ = Aᵀ ⊗ Bᵀ", f"{MN}, 2.2")
def _(J: Kronecker) -> Jacobian:
    return Kronecker(J.a.T, J.b.T)


@law("T", BlockDiagonal, None, "transpose of blocks", "(A ⊕ B)ᵀ = Aᵀ ⊕ Bᵀ", DEFINITION)
def _(J: BlockDiagonal) -> Jacobian:
    return BlockDiagonal(tuple(B.T for B in J.blocks))


@law("T", Product, None, "transpose of a product", "(A B)ᵀ = Bᵀ Aᵀ", DEFINITION)
def _(J: Product) -> Jacobian:
    return Product(tuple(F.T for F in reversed(J.factors)))


@law("T", Sum, None, "transpose of a sum", "(A + B)ᵀ = Aᵀ + Bᵀ", DEFINITION)
def _(J: Sum) -> Jacobian:
    return Sum(tuple(B.T for B in J.terms))
