"""The notation of a sheet in words that a student understands."""

from __future__ import annotations

from jacobian.worksheet.notation import Notation

# Whether Jacobians are transposed: what has a row, and what a column; on which side the outer function stands.
LYING = {False: ("the result", "the variable", "left"), True: ("the variable", "the result", "right")}
GRADIENTS = {
    None: "The gradient of a scalar has the shape of the variable.",
    "numerator": "The derivative of a scalar by an array lies as the transposed array does: by a vector it is a row.",
    "denominator": "The derivative of a scalar by an array has the shape of the array: by a vector it is a column.",
}

MULTIPLIED = {None: "transposed", "numerator": "from the right", "denominator": "from the left"}


def lying(notation: Notation) -> str:
    """Which way a Jacobian lies."""
    rows, columns, _ = LYING[notation.flips]
    return f"A Jacobian has a row for each entry of {rows} and a column for each entry of {columns}."


def gradients(notation: Notation) -> str:
    """Which way the derivative of a scalar lies."""
    return GRADIENTS[notation.lies]


def outer_side(notation: Notation) -> str:
    """Where the outer function of a chain stands: left, or right."""
    return LYING[notation.flips][2]


def chain_rule(notation: Notation) -> str:
    """In which order Jacobians are multiplied."""
    return ("The Jacobian of a composition is the product of the Jacobians, that of the outer function on the "
            f"{outer_side(notation)}.")


def multiplied(notation: Notation) -> str:
    """How the derivative so far of a scalar is multiplied by the Jacobian of the next function on the way back."""
    return MULTIPLIED[notation.lies]


def back(notation: Notation, samples: str = "") -> str:
    """How a signal is multiplied by the matrix of the next layer, as it lies for samples that are rows or not."""
    return "on the right" if (notation.lies == "numerator") != (samples == "rows") else "transposed, on the left"


def outer_product(notation: Notation) -> str:
    """How the gradient by the matrix of a layer is made."""
    layer, its_input = ("row", "column") if notation.lies == "numerator" else ("column", "row")
    return f"a {layer} for the layer, a {its_input} for its input"


def reading(notation: Notation) -> str:
    """In which order the entries of a matrix are read."""
    return "column after column" if notation.stacked else "row after row"


def layout(notation: Notation) -> str:
    """The name of the layout of Jacobians."""
    return "denominator layout" if notation.flips else "numerator layout"
