"""Products: with zero, the identity and a number; gradients pulled back, sensitivities pushed forward; like kinds."""

from __future__ import annotations

from typing import Any

import numpy as np

from jacobian.algebra.entries import Entry, is_array, space
from jacobian.algebra.jacobian import Jacobian, Product, Sum, compose
from jacobian.algebra.kinds import BlockDiagonal, Column, Dense, Diagonal, Kronecker, LowRank, Row, Scalar, alike
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

# ---- zero, the identity and a number -------------------------------------------------------------------------------


@law("@", Zero, Jacobian, "zero absorbs", "0 A = 0", DEFINITION)
def _(J: Zero, K: Jacobian) -> Jacobian:
    return Zero(J.m, K.shape[1])


@law("@", Jacobian, Zero, "zero absorbs", "A 0 = 0", DEFINITION)
def _(J: Jacobian, K: Zero) -> Jacobian:
    return Zero(J.shape[0], K.n)


@law("@", Identity, Jacobian, "the identity disappears", "I A = A", DEFINITION)
def _(J: Identity, K: Jacobian) -> Jacobian:
    return K


@law("@", Jacobian, Identity, "the identity disappears", "A I = A", DEFINITION)
def _(J: Jacobian, K: Identity) -> Jacobian:
    return J


def _scaled(s: Entry, entry: Entry) -> Entry:
    return space(entry, s).times(s, entry)


@law("@", Scalar, Scalar, "product of scalar maps", "(s I) (t I) = (s t) I", DEFINITION)
def _(J: Scalar, K: Scalar) -> Jacobian:
    return Scalar(_scaled(J.s, K.s), K.n)


@law("@", Scalar, Diagonal, "a scalar map scales a diagonal", "(s I) diag(a) = diag(s a)", DEFINITION)
def _(J: Scalar, K: Diagonal) -> Jacobian:
    return Diagonal(_scaled(J.s, K.d))


@law("@", Scalar, Dense, "a scalar map scales a matrix", "(s I) A = s A", DEFINITION)
def _(J: Scalar, K: Dense) -> Jacobian:
    return Dense(_scaled(J.s, K.a))


@law("@", Scalar, LowRank, "a scalar map scales a low rank", "(s I) (A Bᵀ) = (s A) Bᵀ", DEFINITION)
def _(J: Scalar, K: LowRank) -> Jacobian:
    return LowRank(_scaled(J.s, K.u), K.v)


@law("@", Scalar, Kronecker, "a scalar map scales a Kronecker product", "(s I) (A ⊗ B) = (s A) ⊗ B", f"{MN}, 2.2")
def _(J: Scalar, K: Kronecker) -> Jacobian:
    first = 1 if isinstance(K.a, Identity) else 0
    factors = [K.a, K.b]
    factors[first] = compose(Scalar(J.s, factors[first].shape[0]), factors[first])
    return Kronecker(*factors)


@law("@", Scalar, BlockDiagonal, "a scalar map scales blocks", "(s I) (A ⊕ B) = (s A) ⊕ (s B)", DEFINITION)
def _(J: Scalar, K: BlockDiagonal) -> Jacobian:
    return BlockDiagonal(tuple(compose(Scalar(J.s, B.shape[0]), B) for B in K.blocks))


# ---- a gradient pulled back, a sensitivity pushed forward ----------------------------------------------------------


def _pull(J: Row, K: Jacobian) -> Jacobian:
    return Row(K.T.push(J.g))


def _push(J: Jacobian, K: Column) -> Jacobian:
    return Column(J.push(K.x))


for kind, what, pulled, pushed in (
    (Scalar, "a scalar map", "vec(g)ᵀ (s I) = vec(s g)ᵀ", "(s I) vec(x) = vec(s x)"),
    (Diagonal, "a diagonal", "vec(g)ᵀ diag(a) = vec(a ∘ g)ᵀ", "diag(a) vec(x) = vec(a ∘ x)"),
    (Dense, "a matrix", "vec(g)ᵀ A = vec(Aᵀ g)ᵀ", "A vec(x) = vec(A x)"),
    (LowRank, "a low rank", "vec(g)ᵀ (A Bᵀ) = vec(B (Aᵀ g))ᵀ", "(A Bᵀ) vec(x) = vec(A (Bᵀ x))"),
    (Kronecker, "a Kronecker product", "vec(G)ᵀ (A ⊗ B) = vec(Aᵀ G B)ᵀ", "(A ⊗ B) vec(X) = vec(A X Bᵀ)"),
    (Commutation, "a commutation", "vec(G)ᵀ K_{m,n} = vec(Gᵀ)ᵀ", "K_{m,n} vec(X) = vec(Xᵀ)"),
    (Permutation, "a permutation", "vec(g)ᵀ P = vec(P⁻¹ g)ᵀ", "P vec(x) = vec(P x)"),
    (Gather, "a gather", "vec(g)ᵀ R = vec(Rᵀ g)ᵀ", "R vec(x) = vec(R x)"),
    (Scatter, "a scatter", "vec(g)ᵀ Rᵀ = vec(R g)ᵀ", "Rᵀ vec(x) = vec(Rᵀ x)"),
    (Selection, "a selection", "vec(g)ᵀ S = vec(diag(g))ᵀ", "S vec(X) = vec(diagonal(X))"),
    (Embedding, "an embedding", "vec(G)ᵀ Sᵀ = vec(diagonal(G))ᵀ", "Sᵀ vec(x) = vec(diag(x))"),
    (Part, "a part", "vec(g)ᵀ E = vec(Eᵀ g)ᵀ", "E vec(x) = vec(E x)"),
    (Insertion, "an insertion", "vec(g)ᵀ Eᵀ = vec(E g)ᵀ", "Eᵀ vec(x) = vec(Eᵀ x)"),
    (BlockDiagonal, "a block-diagonal map", "vec(g)ᵀ (A ⊕ B) = vec((Aᵀ ⊕ Bᵀ) g)ᵀ", "(A ⊕ B) vec(x) = vec((A ⊕ B) x)"),
    (Row, "a row", "vec(s)ᵀ vec(g)ᵀ = vec(s g)ᵀ", "vec(g)ᵀ vec(x) = ⟨g, x⟩"),
    (Column, "a column", "vec(g)ᵀ vec(x) = ⟨g, x⟩", "vec(x) s = vec(s x)"),
    (Product, "a product", "vec(g)ᵀ (A B) = vec(Bᵀ (Aᵀ g))ᵀ", "(A B) vec(x) = vec(A (B x))"),
    (Sum, "a sum", "vec(g)ᵀ (A + B) = vec(Aᵀ g + Bᵀ g)ᵀ", "(A + B) vec(x) = vec(A x + B x)"),
):
    law("@", Row, kind, f"pull back through {what}", pulled, f"{MN}, 2.4")(_pull)
    if kind is not Row:
        law("@", kind, Column, f"push forward through {what}", pushed, f"{MN}, 2.4")(_push)


@law("@", Column, Row, "outer product", "vec(x) vec(g)ᵀ = x gᵀ", DEFINITION)
def _(J: Column, K: Row) -> Jacobian:
    return LowRank(space(J.x).column(J.x), space(K.g).column(K.g))


# ---- like kinds ----------------------------------------------------------------------------------------------------


@law("@", Diagonal, Diagonal, "product of diagonals", "diag(a) diag(b) = diag(a ∘ b)", DEFINITION)
def _(J: Diagonal, K: Diagonal) -> Jacobian:
    return Diagonal(space(J.d).times(*alike(J.d, K.d)))


@law("@", Dense, Dense, "product of matrices", "[A] [B] = [A B]", DEFINITION)
def _(J: Dense, K: Dense) -> Jacobian:
    return Dense(space(J.a).matmul(J.a, K.a))


@law("@", Diagonal, Dense, "a diagonal scales rows", "diag(a) [B] = [diag(a) B]", DEFINITION)
def _(J: Diagonal, K: Dense) -> Jacobian:
    return Dense(J.left(K.a))


@law("@", Dense, Diagonal, "a diagonal scales columns", "[A] diag(b) = [A diag(b)]", DEFINITION)
def _(J: Dense, K: Diagonal) -> Jacobian:
    return Dense(K.right(J.a))


@law("@", LowRank, Jacobian, "a low rank stays low", "(A Bᵀ) C = A (Cᵀ B)ᵀ", DEFINITION)
def _(J: LowRank, K: Jacobian) -> Jacobian:
    return LowRank(J.u, K.T.left(J.v))


@law("@", Jacobian, LowRank, "a low rank stays low", "C (A Bᵀ) = (C A) Bᵀ", DEFINITION)
def _(J: Jacobian, K: LowRank) -> Jacobian:
    return LowRank(J.left(K.u), K.v)


@law("@", Kronecker, Kronecker, "product of Kronecker products", "(A ⊗ B) (C ⊗ D) = (A C) ⊗ (B D)", f"{MN}, 2.2")
def _(J: Kronecker, K: Kronecker) -> Jacobian | None:
    if J.a.shape[1] == K.a.shape[0] and J.b.shape[1] == K.b.shape[0]:
        return Kronecker(compose(J.a, K.a), compose(J.b, K.b))
    return None


@law("@", BlockDiagonal, BlockDiagonal, "product of blocks", "(A ⊕ B) (C ⊕ D) = (A C) ⊕ (B D)", DEFINITION)
def _(J: BlockDiagonal, K: BlockDiagonal) -> Jacobian | None:
    if [B.shape[1] for B in J.blocks] == [B.shape[0] for B in K.blocks]:
        return BlockDiagonal(tuple(map(compose, J.blocks, K.blocks)))
    return None


def _split(d: Any, sizes: list[int]) -> list[Diagonal]:
    return [Diagonal(piece) for piece in np.split(d, np.cumsum(sizes)[:-1])]


@law("@", Diagonal, BlockDiagonal, "a diagonal splits over blocks",
     "diag(a) (B ⊕ C) = (diag(a₁) B) ⊕ (diag(a₂) C)", DEFINITION)
def _(J: Diagonal, K: BlockDiagonal) -> Jacobian | None:
    if not is_array(J.d):
        return None
    return BlockDiagonal(tuple(map(compose, _split(J.d, [B.shape[0] for B in K.blocks]), K.blocks)))


@law("@", BlockDiagonal, Diagonal, "a diagonal splits over blocks",
     "(A ⊕ B) diag(c) = (A diag(c₁)) ⊕ (B diag(c₂))", DEFINITION)
def _(J: BlockDiagonal, K: Diagonal) -> Jacobian | None:
    if not is_array(K.d):
        return None
    return BlockDiagonal(tuple(map(compose, J.blocks, _split(K.d, [B.shape[1] for B in J.blocks]))))
