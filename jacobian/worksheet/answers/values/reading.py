"""How an answer can be meant, and one evaluation under a reading.

A reading says what is left open in the tree: what * means, whether vectors are NumPy's (no row, no column) or columns,
whether sizes of 1 are stretched, and what the sum of a matrix is.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from jacobian.worksheet.answers.node import Misread, Node
from jacobian.worksheet.answers.values.value import ENTRIES, WORK, TooMuch, Value

SIZE = 64               # the largest size that may be typed
HINT = ""              # the name of the number of rows of the right answer


@dataclass(frozen=True)
class Reading:
    """One way of understanding an answer; `words` says it to the student."""

    name: str
    words: str
    star: str = "product"          # "product", "times", or "fits": whichever fits
    flat: bool = False             # vectors are neither rows nor columns
    stretched: bool = False        # axes of length 1 are stretched
    sums: bool = False             # the sum of a matrix goes down its columns
    repeated: bool = False         # an index that is there twice is summed over
    first: int = 1                 # the number of the first axis
    divides: bool = False          # A / B is A B⁻¹


PAPER = Reading("paper", "with * as the matrix product")
ENTRYWISE = Reading("entrywise", "with * entry by entry", "times")
MATLAB = Reading("MATLAB", "as MATLAB: * is the matrix product", stretched=True, sums=True,
                 divides=True)
NUMPY = Reading("NumPy", "as NumPy: * goes entry by entry, vectors have one axis", "times", True, True, first=0)
COLUMNS = Reading("NumPy with columns", "as NumPy with vectors as columns of shape (n, 1)", "times", False, True,
                  first=0)
EINSTEIN = Reading("indices", "with a sum over each index that is there twice", repeated=True)
DIVIDED = Reading("division", "with / as the product with an inverse", divides=True)
FITS = Reading("fits", "with * and blanks as they fit", "fits")


@dataclass
class Work:
    """One evaluation: the values of names, the reading, what did not fit, and how many entries were computed."""

    values: Mapping[str, Value]
    reading: Reading
    misfits: list[tuple[Node, str]] = field(default_factory=list)
    memo: dict[Node, tuple[Value, bool]] = field(default_factory=dict)     # of nodes that many trees share
    work: int = 0

    @property
    def hint(self) -> int:
        """The size of an identity beside ones of no stated size: that of the right answer."""
        right = self.values.get(HINT)
        return 1 if right is None else int(right.array.item())

    def kept(self, value: Value) -> Value:
        """The value. Raises TooMuch where all of them are more than an answer needs."""
        self.work += value.array.size
        if value.array.size > ENTRIES or self.work > WORK:
            raise TooMuch
        return value

    def misfit(self, node: Node, *args: Value) -> None:
        """Note that sizes do not fit."""
        self.misfits.append((node, " and ".join(arg.words() for arg in args)))


def size(node: Node, s: Value) -> int:
    """A size that was typed. Raises Misread with the place."""
    n = float(s.array.flat[0])
    if not (s.scalar and 1 <= n <= SIZE and n == round(n)):
        raise Misread(f"a size is a whole number from 1 to {SIZE}", node.start, node.end)
    return int(n)
