"""The same formula in other letters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from jacobian.symbolic.expr import Expr, Variable, make, walk


def renamed(names: Mapping[str, str], *roots: Expr) -> dict[Expr, Expr]:
    """For every part of the formulas the same part, with symbols and named results called by `names`."""
    done: dict[Expr, Expr] = {}
    for x in walk(*roots):
        data = x.data
        if isinstance(data, Variable):
            data = replace(data, name=names.get(data.name, data.name))
        elif x.label is not None:
            data = names.get(x.label, x.label)
        done[x] = make(x.operation, (done[arg] for arg in x.args), data, x.axes)
    return done
