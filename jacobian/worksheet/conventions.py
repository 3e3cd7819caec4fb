"""What a sheet takes for granted, in words: how derivatives lie, and what each of its signs stands for."""

from __future__ import annotations

from collections.abc import Iterable

from jacobian.printing.boxes import Box, Fence, Fraction, Name, Number, Row, Symbol
from jacobian.printing.names import CIRC, MINUS, OTIMES, PARTIAL, PLUS, call, join, label
from jacobian.printing.notation import equation
from jacobian.worksheet.document import Block, Paragraph, Parts, Remark, pieces

f, t, x, y, z, A, B, X = map(label, "ftxyzABX")
ONE = Number("1")
DELTA = Name("Δ")
COMPARED = set(map(Symbol, ("<", ">", "≤", "≥", "=", "≠")))


def _slope(over: Box, under: Box) -> Fraction:
    return Fraction(Row((PARTIAL, over)), Row((PARTIAL, under)))


# What stands on every sheet, then what a sign stands for: a row for each sign, by a name or a symbol that shows it.
ALWAYS: tuple[Parts, ...] = (
    ("Vectors are columns.",),
    ("The Jacobian ", _slope(y, x), " of a vector has a row for each entry of ", y, " and a column for each entry of ",
     x, " (numerator layout)."),
    ("The gradient ", _slope(f, x), " of a scalar has the shape of ", x, "; as a Jacobian it is transposed, a row."),
)
SIGNS: dict[str, Parts] = {
    "vec": (call(Name("vec"), X), " are the entries of ", X, " in a column, row after row."),
    "mat": (call(Name("mat"), x), " is the matrix with these entries, row after row."),
    "∘": (join([x, y], CIRC), " is the product entry by entry; an exponent with ∘ is a power of each entry."),
    "⊗": (join([A, B], OTIMES), " is the Kronecker product: each entry of ", A, " times the whole of ", B, "."),
    "‖": (Fence("‖", x, "‖"), " is the root of the sum of the squares of all entries, of a matrix, too."),
    "δ": (Name("δ"), " is the gradient of the result by ", z, ", what an activation is applied to."),
    "Δ": (Row((DELTA, x)), " is a small change of ", x, "."),
    "1": (Name("1", "bold"), " is a vector or a matrix of ones."),
    "[": ("Square brackets around a comparison are 1 where it holds, else 0.",),
    "diag": (call(Name("diag"), x), " is the diagonal matrix with the entries of ", x, "."),
    "tr": (call(Name("tr"), A), " is the trace, the sum of the entries on the diagonal."),
    "log det": (call(Name("log det"), A), " is the logarithm of the determinant of ", A, "."),
    "σ": ("The function σ is the sigmoid, ",
          equation(call(Name("σ"), z), Fraction(ONE, join([ONE, call(Name("exp"), Row((MINUS, z)))], PLUS))), "."),
    "ReLU": (equation(call(Name("ReLU"), z), call(Name("max"), z, Number("0"))), "; its slope at 0 is taken as 0."),
    "softmax": ("The entries of ", call(Name("softmax"), z), " are the exponentials of those of ", z,
                ", divided by their sum."),
    "logsumexp": (call(Name("logsumexp"), z), " is the logarithm of the sum of the exponentials of the entries."),
    "CE": (call(Name("CE"), z, t), " is the cross-entropy, minus the sum of the entries of ", t,
           " times the logarithms of those of ", call(Name("softmax"), z), "."),
}


def conventions(blocks: Iterable[Block]) -> Remark:
    """The conventions of a sheet with these blocks: what is always said, and each sign that occurs in them."""
    there = {mark for piece in pieces(tuple(blocks)) for mark in _marks(piece)}
    said = [*ALWAYS, *(words for sign, words in SIGNS.items() if sign in there)]
    return Remark("Conventions", (Paragraph(tuple(part for words in said for part in (*words, " "))),))


def _marks(piece: object) -> tuple[str, ...]:
    """By what a sign shows in a box."""
    match piece:
        case Name(text, style):
            return (text,) if text != "1" or style == "bold" else ()
        case Symbol(text):
            return (text,)
        case Fence("[", Row(items)):
            return ("[",) if any(item in COMPARED for item in items) else ()
        case Fence(left):
            return (left,)
    return ()
