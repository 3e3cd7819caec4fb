"""The steps of a derivation, the result last."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from jacobian.derivation.layout import said
from jacobian.derivation.views.view import Printed, stages
from jacobian.derivation.write import Said, as_rows, as_text, says
from jacobian.printing.boxes import Box, Lines, Row, Words
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
        rows = [row for stage in self._stages() for row in as_rows(*stage)]
        return Lines((*rows, *((Row(()), Row(()), Words(sentence)) for sentence in self._said())))

    def text(self) -> str:
        """In Unicode, with the shape of each line."""
        return "\n\n".join([*(as_text(*stage) for stage in self._stages()), *self._said()])

    def _stages(self) -> list[tuple[dict[Expr, Box], list[Said]]]:
        """What has a name and the lines, of the first derivative, of the second; a name is said once."""
        found, said = [], set()
        for d in stages(self.derivation.printable()):
            found.append(({x: left for x, left in d.named().items() if x.label not in said},
                          says(d.goal, d.lines, self.layout)))
            said |= {*(x.label for x in d.named()), *(line.name for line in d.lines)}
        return found

    def _said(self) -> list[str]:
        """How it lies, where that was asked for."""
        return [said(self.layout, self.derivation.goal, *self.derivation.wrt)] if self.layout else []


def steps(derivation: Derivation, layout: str | None = None) -> Steps:
    """Line by line what follows and why."""
    return Steps(derivation, layout)
