"""The derivative by differentials, from the variables to the result."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from jacobian.derivation.check import Check
from jacobian.derivation.forward import Forward, by_differentials
from jacobian.derivation.retrace import accords, retrace
from jacobian.derivation.views.view import Printed, stages
from jacobian.derivation.write import Said, as_rows, as_text, defined
from jacobian.printing.boxes import Box, Lines
from jacobian.symbolic.expr import Expr

if TYPE_CHECKING:
    from jacobian.derivation.derivation import Derivation


@dataclass(frozen=True, repr=False)
class Differentials(Printed):
    """dz = W dx, df = gᵀ dz, ∂f/∂x = Wᵀ g: of a second derivative those of the first, then those of the gradient."""

    stages: tuple[Forward, ...]

    def check(self, seed: int = 0) -> Check:
        """Whether each line joins the one before, follows by its rule, and agrees with numbers and with SymPy."""
        return self._found(retrace, seed)

    def _found(self, tests: Callable[..., Check], seed: int = 0) -> Check:
        first, *rest = (tests(stage, seed) for stage in self.stages)
        return sum(rest, first)

    def checked(self) -> Differentials:
        """This derivation, after the quick part of its check; raises CheckFailed if a line does not hold."""
        _agree(self).require()
        return self

    def box(self) -> Box:
        """The lines as one aligned display."""
        return Lines(tuple(row for stage in self.checked()._said() for row in as_rows(*stage)))

    def text(self) -> str:
        """In Unicode, with the shape of each line."""
        return "\n\n".join(as_text(*stage) for stage in self.checked()._said())

    def _said(self) -> Iterator[tuple[dict[Expr, Box], tuple[Said, ...]]]:
        """What has a name and the lines, stage by stage; a name is said once."""
        said: set[Expr] = set()
        for stage in self.stages:
            named = defined(stage.goal, *stage.means)
            yield {x: left for x, left in named.items() if x not in said}, stage.lines
            said |= named.keys()


@lru_cache(maxsize=256)
def _agree(differentials: Differentials) -> Check:
    return differentials._found(accords)


def forward(derivation: Derivation) -> Differentials:
    """Line by line the differential of each result, then what is read off."""
    return Differentials(tuple(map(by_differentials, stages(derivation))))
