"""The table of rewrites, in force once imported; rows are tried in the order of these imports and of each file.

A row returns the other side of its identity, or None where it does not apply. It is used where it makes the expression
shorter (see `cost`), so that rewriting ends. Tests evaluate both sides at random numbers of several sizes.
Source, unless a row names another: Magnus and Neudecker (2019), chapters 1 to 3.
"""

from jacobian.symbolic.rewrites import entrywise, inverses, products, sums, traces
from jacobian.symbolic.rewrites.row import REWRITES, Rewrite

__all__ = ["REWRITES", "Rewrite", "entrywise", "inverses", "products", "sums", "traces"]
