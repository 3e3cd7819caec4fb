"""The table of laws: what two kinds of Jacobian make. One row each; the first that holds is used.

Letters in the formulas: A, B, C, D matrices; a, b, g, x arrays (flattened row-major in a Row, a Column, a Diagonal); s, t
numbers; K commutations, P permutations, S the selection of a diagonal. A row that does not hold returns None.
"""

from __future__ import annotations

from functools import reduce
from typing import Any

import numpy as np

from jacobian.algebra.entries import axes, count, is_array, space
from jacobian.algebra.kinds import (
    BlockDiagonal,
    Column,
    Commutation,
    Dense,
    Diagonal,
    Embedding,
    Identity,
    Jacobian,
    Kronecker,
    LowRank,
    Permutation,
    Product,
    Row,
    Scalar,
    Selection,
    Sum,
    Zero,
    add,
    compose,
)
from jacobian.algebra.law import law

MN = "Magnus and Neudecker (2019)"
DEFINITION = "definition"


# ---- the same map in a simpler kind ------------------------------------------------------------------------------------


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


@law("=", Scalar, None, "Scalar of one entry", "s I_1 = [s]", DEFINITION)
def _(J: Scalar) -> Jacobian | None:
    return Row(J.s) if J.shape == (1, 1) and not is_array(J.s) else None


# ---- transposes ----------------------------------------------------------------------------------------------------------


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


@law("T", Selection, None, "transpose of a selection", "(S)ᵀ = Sᵀ", DEFINITION)
def _(J: Selection) -> Jacobian:
    return Embedding(J.n)


@law("T", Embedding, None, "transpose of an embedding", "(Sᵀ)ᵀ = S", DEFINITION)
def _(J: Embedding) -> Jacobian:
    return Selection(J.n)


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


# ---- products with zero, the identity and a number ---------------------------------------------------------------------


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


def _scaled(s: Any, entry: Any) -> Any:
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


@law("@", Scalar, Column, "a scalar map scales a column", "(s I) vec(x) = vec(s x)", DEFINITION)
def _(J: Scalar, K: Column) -> Jacobian:
    return Column(_scaled(J.s, K.x))


@law("@", Scalar, Kronecker, "a scalar map scales a Kronecker product", "(s I) (A ⊗ B) = (s A) ⊗ B", f"{MN}, 2.2")
def _(J: Scalar, K: Kronecker) -> Jacobian:
    first = 1 if isinstance(K.a, Identity) else 0
    factors = [K.a, K.b]
    factors[first] = compose(Scalar(J.s, factors[first].shape[0]), factors[first])
    return Kronecker(*factors)


@law("@", Scalar, BlockDiagonal, "a scalar map scales blocks", "(s I) (A ⊕ B) = (s A) ⊕ (s B)", DEFINITION)
def _(J: Scalar, K: BlockDiagonal) -> Jacobian:
    return BlockDiagonal(tuple(compose(Scalar(J.s, B.shape[0]), B) for B in K.blocks))


# ---- a gradient pulled back, a sensitivity pushed forward ----------------------------------------------------------------


def _pull(J: Row, K: Jacobian) -> Jacobian:
    return Row(K.T.push(J.g if not is_array(J.g) else J.g.reshape(-1)))


def _push(J: Jacobian, K: Column) -> Jacobian:
    return Column(J.push(K.x if not is_array(K.x) else K.x.reshape(-1)))


for kind, what, pulled, pushed in (
    (Scalar, "scalar map", "vec(g)ᵀ (s I) = vec(s g)ᵀ", "(s I) vec(x) = vec(s x)"),
    (Diagonal, "diagonal", "vec(g)ᵀ diag(a) = vec(a ∘ g)ᵀ", "diag(a) vec(x) = vec(a ∘ x)"),
    (Dense, "matrix", "vec(g)ᵀ A = vec(Aᵀ g)ᵀ", "A vec(x) = vec(A x)"),
    (LowRank, "low rank", "vec(g)ᵀ (A Bᵀ) = vec(B (Aᵀ g))ᵀ", "(A Bᵀ) vec(x) = vec(A (Bᵀ x))"),
    (Kronecker, "Kronecker product", "vec(G)ᵀ (A ⊗ B) = vec(Aᵀ G B)ᵀ", "(A ⊗ B) vec(X) = vec(A X Bᵀ)"),
    (Commutation, "commutation", "vec(G)ᵀ K_{m,n} = vec(Gᵀ)ᵀ", "K_{m,n} vec(X) = vec(Xᵀ)"),
    (Permutation, "permutation", "vec(g)ᵀ P = vec(P⁻¹ g)ᵀ", "P vec(x) = vec(P x)"),
    (Selection, "selection", "vec(g)ᵀ S = vec(diag(g))ᵀ", "S vec(X) = vec(diagonal(X))"),
    (Embedding, "embedding", "vec(G)ᵀ Sᵀ = vec(diagonal(G))ᵀ", "Sᵀ vec(x) = vec(diag(x))"),
    (BlockDiagonal, "block-diagonal", "vec(g)ᵀ (A ⊕ B) = vec((Aᵀ ⊕ Bᵀ) g)ᵀ", "(A ⊕ B) vec(x) = vec((A ⊕ B) x)"),
    (Row, "row", "vec(s)ᵀ vec(g)ᵀ = vec(s g)ᵀ", "vec(g)ᵀ vec(x) = ⟨g, x⟩"),
    (Column, "column", "vec(g)ᵀ vec(x) = ⟨g, x⟩", "vec(x) s = vec(s x)"),
    (Product, "product", "vec(g)ᵀ (A B) = vec(Bᵀ (Aᵀ g))ᵀ", "(A B) vec(x) = vec(A (B x))"),
    (Sum, "sum", "vec(g)ᵀ (A + B) = vec(Aᵀ g + Bᵀ g)ᵀ", "(A + B) vec(x) = vec(A x + B x)"),
):
    law("@", Row, kind, f"pull back through a {what}", pulled, f"{MN}, 2.4 and 9.3")(_pull)
    if kind is not Row:
        law("@", kind, Column, f"push forward through a {what}", pushed, f"{MN}, 2.4 and 9.3")(_push)


@law("@", Column, Row, "outer product", "vec(x) vec(g)ᵀ = x gᵀ", DEFINITION)
def _(J: Column, K: Row) -> Jacobian | None:
    if is_array(J.x):
        return LowRank(J.x.reshape(-1), K.g.reshape(-1))
    return LowRank(space(J.x).column(J.x), space(K.g).column(K.g))


# ---- like kinds ----------------------------------------------------------------------------------------------------------


@law("@", Diagonal, Diagonal, "product of diagonals", "diag(a) diag(b) = diag(a ∘ b)", f"{MN}, 1.5")
def _(J: Diagonal, K: Diagonal) -> Jacobian | None:
    if axes(J.d) == axes(K.d):
        return Diagonal(space(J.d).times(J.d, K.d))
    return None


@law("@", Dense, Dense, "product of matrices", "[A] [B] = [A B]", DEFINITION)
def _(J: Dense, K: Dense) -> Jacobian:
    return Dense(space(J.a).matmul(J.a, K.a))


@law("@", Diagonal, Dense, "a diagonal scales rows", "diag(a) [B] = [diag(a) B]", f"{MN}, 1.5")
def _(J: Diagonal, K: Dense) -> Jacobian:
    return Dense(J.left(K.a))


@law("@", Dense, Diagonal, "a diagonal scales columns", "[A] diag(b) = [A diag(b)]", f"{MN}, 1.5")
def _(J: Dense, K: Diagonal) -> Jacobian:
    return Dense(K.right(J.a))


@law("@", LowRank, Jacobian, "a low rank stays low", "(A Bᵀ) C = A (Cᵀ B)ᵀ", DEFINITION)
def _(J: LowRank, K: Jacobian) -> Jacobian:
    return LowRank(J.u, K.T.left(J.v))


@law("@", Jacobian, LowRank, "a low rank stays low", "C (A Bᵀ) = (C A) Bᵀ", DEFINITION)
def _(J: Jacobian, K: LowRank) -> Jacobian:
    return LowRank(J.left(K.u), K.v)


@law("@", Kronecker, Kronecker, "product of Kronecker products", "(A ⊗ B) (C ⊗ D) = (A C) ⊗ (B D)", f"{MN}, 2.2 eq. 6")
def _(J: Kronecker, K: Kronecker) -> Jacobian | None:
    if J.a.shape[1] == K.a.shape[0] and J.b.shape[1] == K.b.shape[0]:
        return Kronecker(compose(J.a, K.a), compose(J.b, K.b))
    return None


@law("@", BlockDiagonal, BlockDiagonal, "product of blocks", "(A ⊕ B) (C ⊕ D) = (A C) ⊕ (B D)", f"{MN}, 1.11")
def _(J: BlockDiagonal, K: BlockDiagonal) -> Jacobian | None:
    if [B.shape[1] for B in J.blocks] == [B.shape[0] for B in K.blocks]:
        return BlockDiagonal(tuple(map(compose, J.blocks, K.blocks)))
    return None


def _split(d: Any, sizes: list[Any]) -> list[Diagonal]:
    return [Diagonal(piece) for piece in np.split(d, np.cumsum(sizes)[:-1])]


@law("@", Diagonal, BlockDiagonal, "a diagonal splits over blocks", "diag(a) (B ⊕ C) = (diag(a₁) B) ⊕ (diag(a₂) C)", DEFINITION)
def _(J: Diagonal, K: BlockDiagonal) -> Jacobian | None:
    if not is_array(J.d):
        return None
    return BlockDiagonal(tuple(map(compose, _split(J.d, [B.shape[0] for B in K.blocks]), K.blocks)))


@law("@", BlockDiagonal, Diagonal, "a diagonal splits over blocks", "(A ⊕ B) diag(c) = (A diag(c₁)) ⊕ (B diag(c₂))", DEFINITION)
def _(J: BlockDiagonal, K: Diagonal) -> Jacobian | None:
    if not is_array(K.d):
        return None
    return BlockDiagonal(tuple(map(compose, J.blocks, _split(K.d, [B.shape[1] for B in J.blocks]))))


# ---- reorderings ---------------------------------------------------------------------------------------------------------


@law("@", Commutation, Commutation, "a commutation undoes its transpose", "K_{n,m} K_{m,n} = I", f"{MN}, 3.7 eq. 2")
def _(J: Commutation, K: Commutation) -> Jacobian | None:
    return Identity(K.shape[1]) if (count(J.m), count(J.n)) == (count(K.n), count(K.m)) else None


@law("@", Commutation, Kronecker, "a commutation moves through a Kronecker product",
     "K_{m,p} (A ⊗ B) = (B ⊗ A) K_{n,q}", f"{MN}, 3.7 thm. 9")
def _(J: Commutation, K: Kronecker) -> Jacobian | None:
    (m, n), (p, q) = K.a.shape, K.b.shape
    if (count(J.m), count(J.n)) != (m, p):
        return None
    return Product((Kronecker(K.b, K.a), Commutation(n, q)))


@law("@", Commutation, Diagonal, "a commutation moves through a diagonal", "K_{m,n} diag(A) = diag(Aᵀ) K_{m,n}", f"{MN}, 3.7")
def _(J: Commutation, K: Diagonal) -> Jacobian | None:
    if not is_array(K.d) and axes(K.d) != (J.m, J.n):
        return None
    return Product((Diagonal(J.push(K.d)), J))


@law("@", Permutation, Permutation, "product of permutations", "P Q = (P Q)", DEFINITION)
def _(J: Permutation, K: Permutation) -> Jacobian:
    return Permutation(K.p[J.p])


@law("@", Permutation, Diagonal, "a permutation moves through a diagonal", "P diag(a) = diag(P a) P", DEFINITION)
def _(J: Permutation, K: Diagonal) -> Jacobian | None:
    return Product((Diagonal(J.push(K.d)), J)) if axes(K.d)[1] is None else None


@law("@", Permutation, Dense, "a permutation reorders rows", "P [A] = [P A]", DEFINITION)
def _(J: Permutation, K: Dense) -> Jacobian:
    return Dense(J.left(K.a))


@law("@", Dense, Permutation, "a permutation reorders columns", "[A] P = [A P]", DEFINITION)
def _(J: Dense, K: Permutation) -> Jacobian:
    return Dense(K.T.right(J.a))


@law("@", Selection, Embedding, "the diagonal of a diagonal", "S Sᵀ = I", f"{MN}, 3.8")
def _(J: Selection, K: Embedding) -> Jacobian:
    return Identity(J.n)


@law("@", Selection, Commutation, "a transpose keeps the diagonal", "S K_{n,n} = S", f"{MN}, 3.8")
def _(J: Selection, K: Commutation) -> Jacobian | None:
    return J if K.m == K.n else None


@law("@", Commutation, Embedding, "a diagonal matrix is symmetric", "K_{n,n} Sᵀ = Sᵀ", f"{MN}, 3.8")
def _(J: Commutation, K: Embedding) -> Jacobian | None:
    return K if J.m == J.n else None


@law("@", Selection, Diagonal, "a selection moves through a diagonal", "S diag(A) = diag(diagonal(A)) S", f"{MN}, 3.8")
def _(J: Selection, K: Diagonal) -> Jacobian | None:
    if not is_array(K.d) and axes(K.d) != (J.n, J.n):
        return None
    return Product((Diagonal(J.push(K.d)), J))


@law("@", Diagonal, Embedding, "an embedding moves through a diagonal", "diag(A) Sᵀ = Sᵀ diag(diagonal(A))", f"{MN}, 3.8")
def _(J: Diagonal, K: Embedding) -> Jacobian | None:
    if not is_array(J.d) and axes(J.d) != (K.n, K.n):
        return None
    return Product((K, Diagonal(K.T.push(J.d))))


# After every other product, so that a number is absorbed on its right where it can be.
@law("@", Jacobian, Scalar, "a scalar map moves to the front", "A (s I) = (s I) A", DEFINITION)
def _(J: Jacobian, K: Scalar) -> Jacobian:
    return Product((Scalar(K.s, J.shape[0]), J))


# ---- sums ----------------------------------------------------------------------------------------------------------------


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
def _(J: Diagonal, K: Diagonal) -> Jacobian | None:
    return Diagonal(space(J.d).add(J.d, K.d)) if axes(J.d) == axes(K.d) else None


@law("+", Dense, Dense, "sum of matrices", "[A] + [B] = [A + B]", DEFINITION)
def _(J: Dense, K: Dense) -> Jacobian:
    return Dense(space(J.a).add(J.a, K.a))


@law("+", Row, Row, "sum of gradients", "vec(g)ᵀ + vec(h)ᵀ = vec(g + h)ᵀ", DEFINITION)
def _(J: Row, K: Row) -> Jacobian | None:
    g, h = (R.g.reshape(-1) if is_array(R.g) else R.g for R in (J, K))
    return Row(space(g).add(g, h)) if axes(g) == axes(h) else None


@law("+", Column, Column, "sum of columns", "vec(x) + vec(y) = vec(x + y)", DEFINITION)
def _(J: Column, K: Column) -> Jacobian | None:
    return add(J.T, K.T).T if axes(J.x) == axes(K.x) else None


@law("+", Kronecker, Kronecker, "a common Kronecker factor", "A ⊗ B + A ⊗ C = A ⊗ (B + C)", f"{MN}, 2.2 eq. 4")
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


# ---- several at once -----------------------------------------------------------------------------------------------------


def chain(*maps: Jacobian) -> Jacobian:
    """J₁ J₂ ⋯: the composition of all of them by the laws. Raises ShapeError where two neighbours do not fit."""
    return reduce(compose, maps)
