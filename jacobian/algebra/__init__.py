"""Structured linear maps and what they make. The rows of `laws` are in force as soon as this package is imported."""

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
    simplify,
)
from jacobian.algebra.law import LAWS, Law, cite
from jacobian.algebra.laws import chain

__all__ = [
    "LAWS", "BlockDiagonal", "Column", "Commutation", "Dense", "Diagonal", "Embedding", "Identity", "Jacobian",
    "Kronecker", "Law", "LowRank", "Permutation", "Product", "Row", "Scalar", "Selection", "Sum", "Zero", "add",
    "chain", "cite", "compose", "simplify",
]
