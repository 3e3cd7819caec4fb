"""The table of mistakes: how a person gets an answer wrong, as a mutation of the right expression.

It is the other half of `jacobian.verify.faults`: a fault named there has its mutation here, under the same name and
with the same advice, or stands in `NOT_TYPED` with the reason why nobody types it. A mutation takes a node of the right
tree and gives what a person may have written in its place; `whole` ones take the whole answer only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from jacobian.verify.faults import FAULTS
from jacobian.worksheet.answers import mutations as m
from jacobian.worksheet.answers.mutations import Context
from jacobian.worksheet.answers.node import Node


@dataclass(frozen=True)
class Mistake:
    """A row of the table.

    name       what it is called, as in the table of faults where it stands there
    sentence   what is said to the student: where to look, and nothing of the answer
    cost       how much it takes to explain; the simplest that explains an answer is named first
    mutate     a node of the right answer -> what may stand in its place
    whole      whether only the whole answer is changed
    undone     what it is called where undoing it in the student's answer mends it
    """

    name: str
    sentence: str
    cost: float
    mutate: Callable[[Node, Context], Iterator[Node]]
    whole: bool = False
    undone: str = ""

    @property
    def advice(self) -> str:
        """What to look at."""
        return ADVICE.get(self.name, self.sentence)


ADVICE = {fault.name: fault.advice for fault in reversed(FAULTS)}
MISTAKES: tuple[Mistake, ...] = (
    Mistake("sign", "A sign is wrong.", 1.0, m.negated),
    Mistake("constant factor", "A constant factor is wrong.", 1.2, m.scaled),
    Mistake("symmetry", "This holds for a symmetric matrix only.", 1.1, m.symmetric),
    Mistake("layout", "It lies the other way: rows and columns are exchanged.", 1.3, m.lying, whole=True),
    Mistake("batch sum or mean", "A sum and a mean are confused, or the number of samples is there too often or not at "
            "all.", 1.5, m.counted),
    Mistake("diagonal only", "Only the diagonal is right.", 1.9, m.only_diagonal, whole=True),
    Mistake("sum over broadcast missing", "A sum is missing.", 1.9, m.unsummed),
    Mistake("wrong axis", "A sum goes along the wrong axis.", 1.95, m.other_axis),
    Mistake("diagonal missing", "The Jacobian of a function that works entry by entry is a diagonal matrix, and the "
            "vector alone stands in its place.", 2.0, m.undiagonal),
    Mistake("transpose", "A transpose is missing, or stands where it does not belong.", 2.0, m.turned),
    Mistake("derivative missing", "The derivative of an activation is missing.", 2.05, m.no_slope,
            undone="derivative twice"),
    Mistake("derivative at a", "The derivative of the activation is taken at the wrong point.", 2.2, m.slope_of_value),
    Mistake("wrong order", "The factors of a matrix product stand in the wrong order.", 2.3, m.exchanged),
    Mistake("mask or branch", "The mask takes the wrong side or the wrong quantity.", 2.3, m.other_side),
    Mistake("activation for its derivative", "In place of the derivative of the activation stands the activation "
            "itself, or a part of the derivative.", 2.4, m.value_for_slope),
    Mistake("off by one", "An index is wrong: a quantity of another layer stands there.", 2.5, m.shifted),
    Mistake("path dropped", "A term is missing.", 2.55, m.without_term, undone="term too many"),
    Mistake("derivative twice", "A derivative is there that does not belong, or is there twice.", 2.6, m.slope_twice,
            undone="derivative missing"),
    Mistake("power rule", "An exponent is wrong, or a root, a square or a quotient is missing.", 2.7, m.powered),
    Mistake("function missing", "A function is missing, or is another one.", 2.8, m.unapplied),
    Mistake("factor missing", "A factor is missing.", 2.9, m.without_factor, undone="factor too many"),
    Mistake("entrywise product", "A product is taken entry by entry that is a matrix product.", 2.95, m.entry_by_entry),
    Mistake("matrix product", "A matrix product stands where the product goes entry by entry.", 3.0, m.multiplied),
    Mistake("shape", "The kind is wrong: a number, a vector and a matrix are confused.", 3.1, m.reduced, whole=True),
    Mistake("inputs swapped", "Two quantities are exchanged.", 3.2, m.exchanged_inputs, whole=True),
    Mistake("another quantity", "A quantity is wrong: another one belongs there.", 3.3, m.another),
    Mistake("factor missing", "Only a part of the answer is there.", 3.6, m.part_alone, whole=True,
            undone="factor too many"),
)
SENTENCES = {row.name: row.sentence for row in reversed(MISTAKES)} | {
    "term too many": "A term is there that does not belong.",
    "factor too many": "A factor is there that does not belong.",
    "sizes": "The sizes do not fit.",
    "one entry": "One entry is wrong.",
    "size": "The number of rows or of columns is wrong.",
    "axis missing": "An axis is missing.",
    "axis too many": "There is an axis too many.",
}
# Faults of code that nobody types as an answer, and why.
NOT_TYPED = {
    "one row": "a formula speaks of all rows at once",
    "overwritten": "a formula has no assignments that could overwrite",
    "small constant": "an epsilon is no part of the derivatives that are asked for",
}
# Mistakes of formulas that no recogniser on numbers can tell from others, and why.
NOT_MEASURED = {
    "symmetry": "it is a term and a factor: numbers show a dropped path",
    "layout": "a claim has the layout that the checker asks for",
    "diagonal missing": "a claim of another shape is refused before it is compared",
    "wrong axis": "a claim of another shape is refused before it is compared",
    "power rule": "numbers show a factor that is missing",
    "function missing": "numbers show a factor that is missing",
    "entrywise product": "a product of other sizes has another shape",
    "matrix product": "a product of other sizes has another shape",
    "shape": "a claim of another shape is refused before it is compared",
}
# Pairs of these are tried together; of two the other one is named.
CORE = ("sign", "constant factor", "batch sum or mean", "transpose", "derivative missing", "derivative at a", "layout",
        "activation for its derivative", "wrong order", "diagonal missing", "off by one", "path dropped",
        "factor missing")
SMALL = ("sign", "constant factor", "batch sum or mean")
