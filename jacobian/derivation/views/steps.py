"""The steps of a derivation, the result last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jacobian.derivation.layout import said
from jacobian.derivation.views.view import Printed, stages
from jacobian.derivation.write import Said, as_box, as_text, says
from jacobian.printing.boxes import Box
from jacobian.symbolic.expr import Expr

if TYPE_CHECKING:
    from jacobian.derivation.derivation import Derivation


@dataclass(frozen=True, repr=False)
class Steps(Printed):
    """Definitions, then each line with its reason, those of a first derivative before those of the second."""

    derivation: Derivation
    layout: str | None

    def box(self) -> Box:
        """The lines as one aligned display."""
        return as_box([line for _, lines in self._stages() for line in lines], self._said())

    def text(self) -> str:
        """In Unicode, with the shape of each line."""
        return "\n\n".join([*(as_text(goal, lines) for goal, lines in self._stages()), *self._said()])

    def _stages(self) -> list[tuple[Expr, list[Said]]]:
        """The goal and the lines of the first derivative, of the second."""
        return [(d.goal, says(d.goal, d.lines, self.layout)) for d in stages(self.derivation.printable())]

    def _said(self) -> list[str]:
        """How it lies, where that was asked for."""
        return [said(self.layout, self.derivation.goal, *self.derivation.wrt)] if self.layout else []


def steps(derivation: Derivation, layout: str | None = None) -> Steps:
    """Line by line what follows and why."""
    return Steps(derivation, layout)
