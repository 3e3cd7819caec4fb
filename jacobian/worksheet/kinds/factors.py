"""A product with each of its factors written in a way of its own: with its shape below it, or left out."""

from __future__ import annotations

from collections.abc import Callable

from jacobian.derivation.write import extent
from jacobian.printing.boxes import Box, Fence, Row, Under
from jacobian.printing.names import CIRC, FACTOR, MINUS, PLUS, PRODUCT, SUM, TENSOR, join
from jacobian.printing.notation import boxes
from jacobian.symbolic.expr import Expr
from jacobian.symbolic.leaves import SCALAR, number
from jacobian.symbolic.operations import coefficient, scale

Write = Callable[[Expr, int], Box]      # a factor, and how tightly it must hold together


def shaped(x: Expr) -> Box:
    """W₂ᵀ δ₂ with n × p and p below the factors; the terms of a sum one by one."""
    if x.operation.name != "add" or _lies(x):
        return factored(x, _under)
    terms = [(coefficient(term)[0].could_extract_minus_sign(), term) for term in x.args]
    lead = next((k for k, (minus, _) in enumerate(terms) if not minus), 0)      # a sum begins without a sign
    said: list[Box] = []
    for minus, term in (terms[lead], *terms[:lead], *terms[lead + 1:]):
        sign = (MINUS,) if minus else (PLUS,) if said else ()
        said += [*sign, factored(scale(number(-1), term) if minus else term, _under, TENSOR)]
    return Row(tuple(said))


def _lies(x: Expr) -> bool:
    """Whether it is a row, which is written as a transposed column."""
    return x.axes[0] is None and x.axes[1] is not None


def _under(x: Expr, tightness: int) -> Box:
    return Under(boxes(x, tightness), extent(x)) if x.axes != SCALAR else boxes(x, tightness)


def factors(x: Expr) -> list[Expr]:
    """What a product is made of, the first first; what is no product is its one factor."""
    found: list[Expr] = []

    def write(part: Expr, tightness: int) -> Box:
        found.append(part)
        return boxes(part)

    factored(x, write)
    return found


def factored(x: Expr, write: Write, tightness: int = SUM) -> Box:
    """The product with its factors written by `write`; what is no product is one factor."""
    found = _product(x, write)
    if found is None:
        return write(x, tightness)
    loose, box = found
    return box if loose >= tightness else Fence("(", box, ")")


def _product(x: Expr, write: Write) -> tuple[int, Box] | None:
    match x.operation.name:
        case "matmul":
            return PRODUCT, Row(tuple(factored(factor, write, FACTOR) for factor in x.args))
        case "hadamard" if x.axes != SCALAR and not _lies(x):
            return PRODUCT, join([factored(factor, write, FACTOR) for factor in x.args], CIRC)
        case "scale" if not _lies(x):
            s, body = x.args
            c, _ = coefficient(x)
            if c.could_extract_minus_sign():
                return SUM, Row((MINUS, factored(scale(number(-c), body), write, PRODUCT)))
            tight = FACTOR if body.operation.name == "hadamard" and body.axes != SCALAR else PRODUCT
            return PRODUCT, Row((factored(s, write, FACTOR), factored(body, write, tight)))
    return None
