"""Products with a reordering, which moves to the right, or with a number, which moves to the front."""

from __future__ import annotations

from functools import reduce

import numpy as np

from jacobian.algebra.entries import count
from jacobian.algebra.jacobian import Jacobian, Product, Sum, compose
from jacobian.algebra.kinds import Dense, Diagonal, Kronecker, Scalar
from jacobian.algebra.law import DEFINITION, MN, law
from jacobian.algebra.neutral import Commutation, Embedding, Gather, Identity, Insertion, Part, Permutation, Selection


@law("@", Commutation, Commutation, "a commutation undoes its transpose", "K_{n,m} K_{m,n} = I", f"{MN}, 3.7")
def _(J: Commutation, K: Commutation) -> Jacobian | None:
    return Identity(K.shape[1]) if (count(J.m), count(J.n)) == (count(K.n), count(K.m)) else None


@law("@", Commutation, Kronecker, "a commutation moves through a Kronecker product",
     "K_{m,p} (A ⊗ B) = (B ⊗ A) K_{n,q}", f"{MN}, theorem 3.9")
def _(J: Commutation, K: Kronecker) -> Jacobian | None:
    (m, n), (p, q) = K.a.shape, K.b.shape
    if (count(J.m), count(J.n)) != (m, p):
        return None
    return Product((Kronecker(K.b, K.a), Commutation(n, q)))


@law("@", Commutation, Diagonal, "a commutation moves through a diagonal",
     "K_{m,n} diag(A) = diag(Aᵀ) K_{m,n}", f"{MN}, 3.7")
def _(J: Commutation, K: Diagonal) -> Jacobian:
    return Product((Diagonal(J.push(K.d)), J))


@law("@", Commutation, Sum, "a commutation moves through a sum",
     "K_{m,n} (A + B) = (K_{m,n} A K_{n,m} + K_{m,n} B K_{n,m}) K_{m,n}", f"{MN}, 3.7")
def _(J: Commutation, K: Sum) -> Jacobian | None:
    moved = [compose(J, term) for term in K.terms]
    parts = [term.factors if isinstance(term, Product) else (term,) for term in moved]
    identity: Jacobian = Identity(J.shape[1])
    if not all(factors[-1].equals(J) for factors in parts):
        return None
    ahead = (reduce(compose, factors[:-1], identity) for factors in parts)
    return Product((Sum(tuple(ahead)), J))


@law("@", Permutation, Permutation, "product of permutations", "P Q = (P Q)", DEFINITION)
def _(J: Permutation, K: Permutation) -> Jacobian:
    return Permutation(K.p[J.p])


@law("@", Permutation, Diagonal, "a permutation moves through a diagonal", "P diag(a) = diag(P a) P", DEFINITION)
def _(J: Permutation, K: Diagonal) -> Jacobian:
    return Product((Diagonal(J.push(K.d)), J))


@law("@", Permutation, Dense, "a permutation reorders rows", "P [A] = [P A]", DEFINITION)
def _(J: Permutation, K: Dense) -> Jacobian:
    return Dense(J.left(K.a))


@law("@", Dense, Permutation, "a permutation reorders columns", "[A] P = [A P]", DEFINITION)
def _(J: Dense, K: Permutation) -> Jacobian:
    return Dense(K.T.right(J.a))


@law("@", Gather, Gather, "product of gathers", "R H = (R H)", DEFINITION)
def _(J: Gather, K: Gather) -> Jacobian:
    return Gather(np.where(J.p < 0, -1, K.p[J.p]), K.n)


@law("@", Selection, Embedding, "the diagonal of a diagonal", "S Sᵀ = I", DEFINITION)
def _(J: Selection, K: Embedding) -> Jacobian:
    return Identity(J.n)


@law("@", Part, Insertion, "the part that was inserted", "E Eᵀ = I", DEFINITION)
def _(J: Part, K: Insertion) -> Jacobian | None:
    return Identity(K.n) if (count(J.n), J.before) == (count(K.n), K.before) else None


@law("@", Selection, Commutation, "a transpose keeps the diagonal", "S K_{n,n} = S", DEFINITION)
def _(J: Selection, K: Commutation) -> Jacobian | None:
    return J if K.m == K.n else None


@law("@", Commutation, Embedding, "a diagonal matrix is symmetric", "K_{n,n} Sᵀ = Sᵀ", DEFINITION)
def _(J: Commutation, K: Embedding) -> Jacobian | None:
    return K if J.m == J.n else None


@law("@", Selection, Diagonal, "a selection moves through a diagonal", "S diag(A) = diag(diagonal(A)) S", DEFINITION)
def _(J: Selection, K: Diagonal) -> Jacobian:
    return Product((Diagonal(J.push(K.d)), J))


@law("@", Diagonal, Embedding, "an embedding moves through a diagonal",
     "diag(A) Sᵀ = Sᵀ diag(diagonal(A))", DEFINITION)
def _(J: Diagonal, K: Embedding) -> Jacobian:
    return Product((K, Diagonal(K.T.push(J.d))))


# After every other product, so that a number is absorbed on its right where it can be.
@law("@", Jacobian, Scalar, "a scalar map moves to the front", "A (s I) = (s I) A", DEFINITION)
def _(J: Jacobian, K: Scalar) -> Jacobian:
    return Product((Scalar(K.s, J.shape[0]), J))
