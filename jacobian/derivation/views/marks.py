"""What the marks in a result mean that textbooks do not share."""

from __future__ import annotations

from jacobian.printing.boxes import Box, Row, Words
from jacobian.printing.names import shape
from jacobian.printing.notation import boxes, equation
from jacobian.symbolic.arrays import vec
from jacobian.symbolic.expr import Expr, make, walk
from jacobian.symbolic.leaves import SELECTION, commutation
from jacobian.symbolic.operations import diagonal, matmul
from jacobian.symbolic.symbols import symbols

X, Q = symbols("X: m n, Q: n n")
SWAPS = Row((equation(boxes(matmul(commutation(*X.shape), vec(X))), boxes(vec(X.T))), Words("for X of shape"),
             shape(X.shape)))
MARKS: dict[str, Box] = {
    "commutation": SWAPS, "commutation by columns": SWAPS,
    "selection": equation(boxes(matmul(make(SELECTION, data=Q.axes[0], axes=(Q.axes[0], Q.size)), vec(Q))),
                          boxes(diagonal(Q))),
    "gather": Words("R picks entries, and 0 for those that are not there."),
    "tril": Words("Λ has ones on and below the diagonal."),
    "peak": Words("argmax and argmin are 1 at that entry, 0 at others; equal ones share the 1."),
    "greater": Words("[a > b] is 1 where it holds, ½ where both are equal, else 0."),
    "eigenvectors": Words("V has the eigenvectors as its columns."),
    "polar": Words("polar(X) is U Vᵀ of the singular value decomposition U S Vᵀ of X."),
    "leading": Words("lead(X) is u vᵀ of the singular vectors for the largest singular value of X."),
    **dict.fromkeys(("frechet", "frechet by columns"), Words("L is the Fréchet derivative of the matrix exponential.")),
}


def marks(*roots: Expr) -> list[Box]:
    """The rows for those in these expressions."""
    used = {node.operation.name for node in walk(*roots)}
    return list(dict.fromkeys(row for name, row in MARKS.items() if name in used))
