"""Structured linear maps and what they make. The rows of `laws` are in force as soon as this package is imported."""

from jacobian.algebra import laws
from jacobian.algebra.chain import chain
from jacobian.algebra.jacobian import Jacobian, Product, Sum, add, compose, simplify
from jacobian.algebra.kinds import BlockDiagonal, Column, Dense, Diagonal, Kronecker, LowRank, Row, Scalar
from jacobian.algebra.law import LAWS, Law, cite
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

__all__ = [
    "LAWS", "BlockDiagonal", "Column", "Commutation", "Dense", "Diagonal", "Embedding", "Gather", "Identity",
    "Insertion", "Jacobian", "Kronecker", "Law", "LowRank", "Part", "Permutation", "Product", "Row", "Scalar",
    "Scatter", "Selection", "Sum", "Zero", "add", "chain", "cite", "compose", "laws", "simplify",
]
