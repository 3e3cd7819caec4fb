"""The table of laws: what two kinds of Jacobian make. One row each, in force once imported; the first to hold counts.

Letters in the formulas: A, B, C, D maps and their matrices; G, X entries in their natural shape, a, b, g, x the same
as one column, row-major, a₁ and a₂ its pieces; s, t numbers; K commutations, P, Q permutations, S the selection of a
diagonal, Sᵀ its embedding; E a part of the entries, Eᵀ its insertion; [A] an explicit matrix, (A, B) two side by
side. Sizes not said: A is m×n, B is p×q.
A row that does not hold returns None. Rows are tried in the order of these imports and of the rows in each file, so
that rows in which any map may stand come after those for the kind.
"""

from jacobian.algebra.laws import products, reorderings, simpler, sums, transposes

__all__ = ["products", "reorderings", "simpler", "sums", "transposes"]
