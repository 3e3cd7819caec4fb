"""What a teacher declares: the text of the answer, quantities with their shapes, and formulas for others."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np

from jacobian.derivation.derivation import Derivation
from jacobian.errors import InputError
from jacobian.printing.plain import declarations as declared_text
from jacobian.symbolic.expr import Expr, sizes_of
from jacobian.symbolic.parse.declarations import declarations
from jacobian.worksheet.answers.node import Misread, Node
from jacobian.worksheet.answers.text.grammar import read
from jacobian.worksheet.answers.text.names import Names
from jacobian.worksheet.answers.text.tokens import tokenize
from jacobian.worksheet.answers.values.reading import COLUMNS, NUMPY, PAPER, Reading
from jacobian.worksheet.answers.values.run import Run
from jacobian.worksheet.answers.values.value import Value, natural, scalar

ASKS = ("formula", "shape", "numbers")


@dataclass(frozen=True, eq=False)
class Declared:
    """The texts of a question, read. Raises InputError with the place of what cannot be read."""

    answer: Any
    shapes: str = ""
    given: Any = ""
    asks: str = "formula"
    values: Any = ""
    text: str = ""
    seed: int = 0

    @cached_property
    def source(self) -> tuple[str, str, str]:
        """The answer as text, its declarations, and what is given."""
        answer = self.answer.value if isinstance(self.answer, Derivation) else self.answer
        given = self.given if isinstance(self.given, str) else "; ".join(f"{k} = {v}" for k, v in self.given.items())
        if isinstance(answer, Expr):
            *steps, last = answer.plain().replace("\n", ";").split(";")
            known = {part.partition(":")[0].strip() for part in self.shapes.split(",")}
            more = [part for part in declared_text(answer).split(", ") if part.partition(":")[0].strip() not in known]
            return last.strip(), ", ".join(filter(None, [self.shapes, *more])), "; ".join(filter(None, [given, *steps]))
        if isinstance(answer, str):
            return answer, self.shapes, given
        return str(np.asarray(answer).tolist() if not isinstance(answer, int | float) else answer), self.shapes, given

    @property
    def fields(self) -> dict[str, Any]:
        """What makes this question again, as text; nothing that is not said."""
        answer, shapes, given = self.source
        values = self.values if isinstance(self.values, str) else \
            "; ".join(f"{name} = {np.asarray(value).tolist()}" for name, value in self.values.items())
        said = {"answer": answer, "shapes": shapes, "given": given, "asks": self.asks, "values": values,
                "text": self.text}
        return {name: text for name, text in said.items() if text}

    @cached_property
    def symbols(self) -> dict[str, Expr]:
        """The quantities that are declared, by name."""
        return declarations(self.source[1]).symbols

    @cached_property
    def functions(self) -> tuple[str, ...]:
        """The names of functions without values."""
        return tuple(declarations(self.source[1]).functions)

    @cached_property
    def sizes(self) -> tuple[str, ...]:
        """The letters of sizes."""
        return tuple(str(n) for n in sizes_of(*self.symbols.values()) if str(n) not in self.symbols)

    @cached_property
    def names(self) -> Names:
        """All names that an answer may have."""
        return Names(self._names)

    @cached_property
    def _names(self) -> tuple[str, ...]:
        return *self.symbols, *(name for name, _ in self.statements), *self.sizes

    @cached_property
    def statements(self) -> list[tuple[str, str]]:
        """name = formula, of what is given."""
        found = []
        for part in filter(str.strip, self.source[2].replace("\n", ";").split(";")):
            name, equals, formula = (word.strip() for word in part.partition("="))
            if not equals or not name.isidentifier():
                raise InputError(f'what is given is written as "a = sigmoid(z)", but {part.strip()!r} was given')
            if name in self.symbols:
                raise InputError(f"{name} is declared and given by a formula: leave one of them out")
            if (name, formula) not in found:
                found.append((name, formula))
        return found

    def tree(self, text: str) -> Node:
        """A text of the teacher's. Raises InputError with the place."""
        try:
            return _parsed(text, self._names, self.functions)
        except Misread as error:
            where = f"at character {error.start + 1} of {text!r}"
            raise InputError(f"{error.sentence} ({where})") from error

    def reading_of(self, text: str, values: Mapping[str, Value]) -> Reading:
        """How a text of the teacher's is meant. Raises InputError where sizes do not fit."""
        tree = self.tree(text)
        for reading in (NUMPY, COLUMNS) if tokenize(text).numpy else (PAPER,):
            run = Run(values, reading)
            run(tree)
            if not run.misfits:
                return reading
        raise InputError(f"the sizes in {text} do not fit: {run.misfits[0][1]}")

    def completed(self, values: dict[str, Value]) -> dict[str, Value]:
        """With what is given by formulas."""
        for name, formula in self.statements:
            run = Run(values, self.reading_of(formula, values))
            values = {**values, name: run(self.tree(formula))}
        return values

    def numbers(self) -> dict[str, Value]:
        """The values that were given, with those of the sizes."""
        if isinstance(self.values, Mapping):
            texts = {k: str(np.asarray(v).tolist()) for k, v in self.values.items()}
        else:
            texts = dict(self.parts())
        found: dict[str, Value] = {}
        for name, text in texts.items():
            symbol = self.symbols.get(name.strip())
            if symbol is None:
                raise InputError(f"{name.strip()} has a value, but is not among {', '.join(self.symbols)}")
            tree = self.tree(text)
            value = Run({}, PAPER)(tree)
            one_row = len(tree.args) == 1 and tree.kind == tree.args[0].kind == "list"      # [[1, 2]] of a matrix
            shape = [n for n in value.array.shape if n > 1]
            axes = symbol.axes
            if len(shape) > len(symbol.shape):
                raise InputError(f"{name.strip()} has shape {symbol.shape}, but {text.strip()} was given")
            array = value.array.reshape(-1, 1) if axes[1] is None else \
                value.array.reshape(1, -1) if axes[0] is None or one_row else value.array
            found[name.strip()] = natural(array, axes)
            for n, length in zip(axes, array.shape, strict=True):
                if n is not None and str(n) in self.sizes:
                    known = found.setdefault(str(n), scalar(length))
                    if known.array.item() != length:
                        raise InputError(f"{name.strip()} has {length} for {n}, which is {known.array.item():.0f}")
                elif n is not None and str(n).isdecimal() and int(n) != length:
                    raise InputError(f"{name.strip()} has shape {symbol.shape}, but {text.strip()} was given")
        missing = [name for name in self.symbols if name not in found]
        if missing:
            raise InputError(f"{missing[0]} has no value: give one for each of {', '.join(self.symbols)}")
        return found

    def parts(self) -> Iterator[tuple[str, str]]:
        """name and text of "W = [1 2; 3 4]; x = [1, 2]", where ; also stands in brackets."""
        depth, part = 0, ""
        for sign in self.values + ";":
            depth += (sign in "[(") - (sign in "])")
            if sign == ";" and depth == 0:
                name, equals, text = part.partition("=")
                if part.strip():
                    if not equals:
                        raise InputError(f'values are written as "x = [1, 2]", but {part.strip()!r} was given')
                    yield name, text
                part = ""
            else:
                part += sign


@lru_cache(maxsize=4096)
def _parsed(text: str, names: tuple[str, ...], functions: tuple[str, ...]) -> Node:
    """What a teacher says is read once, for all variants of a sheet."""
    return read(tokenize(text), Names(names), functions)
