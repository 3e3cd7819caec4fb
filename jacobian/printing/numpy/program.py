"""A Python function from expressions: what is shared gets a name, arguments come before their users, shapes are noted.

A row of SOURCE says what one operation is in NumPy; here is decided what becomes a line of its own.
Vectors are arrays with one axis, whether they stand as columns or as rows; scalars have none.
"""

from __future__ import annotations

import builtins
import dis
import inspect
import keyword
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from itertools import count
from typing import Any
from unicodedata import normalize

import sympy as sp

from jacobian.algebra.entries import Size
from jacobian.errors import MissingRule
from jacobian.printing.names import GREEK
from jacobian.printing.numpy import preamble
from jacobian.printing.text import ACCENTS
from jacobian.symbolic.elementwise import Function
from jacobian.symbolic.expr import Expr, leaves
from jacobian.symbolic.leaves import NAMED
from jacobian.symbolic.operations import ADD, HADAMARD, MATMUL, SCALE, TRANSPOSE, transpose

# How tightly Python's operators bind: + and −, then * / @, the sign, **, and names, calls, indices.
SUM, PRODUCT, SIGN, POWER, ATOM = range(5)
WIDTH = 60          # a longer piece of code gets a line of its own
WHOLE = frozenset((0, 1))


@dataclass(frozen=True)
class Code:
    """Python code; `view` shows an array without computing, "{}.T" or "{}[:, None]".

    `covers` are the axes along which it changes: 1 alone for a vector that stands for a matrix of equal rows, none for
    a number that stands for a constant array. NumPy's broadcasting makes the rest.
    """

    text: str
    tight: int = ATOM
    view: str = "{}"
    covers: frozenset[int] = WHOLE

    def at(self, tight: int) -> str:
        """The text, in brackets if it is looser than `tight`."""
        if self.view != "{}":
            return self.view.format(replace(self, view="{}").at(ATOM))
        return self.text if self.tight >= tight else f"({self.text})"

    def __str__(self) -> str:
        return self.at(SUM)


@dataclass(frozen=True)
class Written:
    """A function of x that was written from a formula: its name, its value as code, the helpers that it calls."""

    label: str
    formula: str
    value: str
    calls: tuple[str, ...] = ()

    def text(self, name: str) -> str:
        return (f'def {name}(x: np.ndarray) -> np.ndarray:\n    """{self.formula}, entry by entry."""\n'
                f"    return np.asarray(np.broadcast_to({self.value}, np.shape(x))).astype(np.result_type(x, 0.0))\n")


Row = Callable[["Program", Expr], Code]
SOURCE: dict[str, Row] = {}


def written(operation: str) -> Callable[[Row], Row]:
    """Make the decorated function the source of an operation."""
    def add(row: Row) -> Row:
        SOURCE[operation] = row
        return row

    return add


def axes(x: Expr) -> frozenset[int]:
    """The axes that x has."""
    return frozenset(k for k in (0, 1) if x.axes[k] is not None)


def canonical(x: Expr) -> Expr:
    """The one expression among those that are one array: a row is its column."""
    while x.axes[0] is None and x.axes[1] is not None:
        turned = x.args[0] if x.operation is TRANSPOSE else transpose(x)
        if x.operation not in (TRANSPOSE, MATMUL, ADD, HADAMARD, SCALE):
            break
        x = turned
    while x.operation is TRANSPOSE and None in x.axes:
        x = x.args[0]
    return x


@dataclass
class Program:
    """The lines of a function that returns `results`, each a function from the program to its code."""

    results: Sequence[Callable[[Program], Code]]
    roots: Sequence[Expr]
    codes: dict[Expr, Code] = field(default_factory=dict)
    lines: list[str] = field(default_factory=list)
    helpers: dict[str, Any] = field(default_factory=dict)
    sizes: set[Any] = field(default_factory=set)
    functions: dict[Function, None] = field(default_factory=dict)
    typed: bool = False
    names: dict[Any, str] = field(default_factory=dict)
    asked: list[Expr] = field(default_factory=list)

    # ---- what rows ask -----------------------------------------------------------------------------------------------

    def code(self, x: Expr) -> Code:
        """The code of x, which NumPy may still have to broadcast."""
        x = canonical(x)
        self.asked.append(x)
        return self.codes.get(x, Code("_"))

    def full(self, x: Expr) -> Code:
        """The code of x as a whole array."""
        return self.filled(self.code(x), x)

    def filled(self, code: Code, x: Expr) -> Code:
        """The same, filled up along the axes along which it does not change."""
        if code.covers >= axes(x):
            return replace(code, covers=WHOLE)
        return Code(f"np.full({self.shape(x.shape)}, {code}, {self.dtype()})")

    def size(self, n: Size) -> Code:
        """A size as Python code."""
        self.sizes |= sp.sympify(n).free_symbols
        return literal(n, self.named)

    def shape(self, sizes: Iterable[Size]) -> str:
        """A shape as a Python tuple."""
        return _tuple(map(self.size, sizes))

    def dtype(self) -> str:
        """The type of the arrays given."""
        self.typed = True
        return "dtype"

    def call(self, helper: Any, *args: str) -> Code:
        """A call of a function that the source carries."""
        name = self.named(helper) if isinstance(helper, Written) else helper.__name__
        self.helpers[name] = helper
        return Code(f"{name}({', '.join(args)})")

    def given(self, f: Function) -> str:
        """The Python name of an abstract function, which is an argument: g, and dg of its derivative g′."""
        self.functions[f] = None
        return self.named(f)

    def named(self, key: Any) -> str:
        """The Python name of a symbol, a named result, a function or a size."""
        if key not in self.names:
            labelled = isinstance(key, Expr | Written | Function)
            self.names[key] = self._fresh(spelled(str(key.label if labelled else key)))
        return self.names[key]

    def _fresh(self, word: str) -> str:
        taken = {*self.names.values(), *RESERVED}
        while word in taken:
            word += "_"
        return word

    # ---- from expressions to lines -----------------------------------------------------------------------------------

    def write(self) -> list[Code]:
        """Fill `lines`; the code of each result."""
        for symbol in leaves(*self.roots):
            self.named(symbol)
        order, uses = self._order()
        for x in order:
            if x.label is not None:
                self.named(x)
        for x in order:
            self.codes[x] = self._line(x, self._row(x), uses[x])
        return [result(self) for result in self.results]

    def _row(self, x: Expr) -> Code:
        row = SOURCE.get(x.operation.name)
        if row is None:
            raise MissingRule(f"no NumPy source for {x.operation.name}: write its row in jacobian/printing/numpy")
        return row(self, x)

    def _line(self, x: Expr, code: Code, uses: int) -> Code:
        """The code of x, after a line of its own where it has a name, is used twice or is long."""
        if x.operation is NAMED:
            code, word = self.filled(code, x), self.named(x)
        elif code.text.isidentifier() or (code.tight == ATOM and not re.search(r"[(@]", code.text)):
            return code
        elif uses > 1 or len(code.text) > WIDTH:
            word = self.named(next(t for k in count(1) if (t := f"t{k}") not in self.names.values()))
        else:
            return code
        note = f"  # {_noted(x.shape, self)}" if code.covers >= axes(x) and code.view == "{}" else ""
        text = str(code) if x.operation is NAMED else code.text
        self.lines.append(f"{word} = {text}{note}")
        return Code(word) if x.operation is NAMED else replace(code, text=word, tight=ATOM)

    def _order(self) -> tuple[list[Expr], Counter[Expr]]:
        """What the rows ask for, arguments before users, and how often each is asked for."""
        uses: Counter[Expr] = Counter()
        asks: dict[Expr, list[Expr]] = {}
        roots = self._asked(lambda: [result(self) for result in self.results])
        todo = list(roots)
        uses.update(roots)
        while todo:
            x = todo.pop()
            if x not in asks:
                asks[x] = self._asked(self._row, x)
                uses.update(asks[x])
                todo += asks[x]
        order: dict[Expr, None] = {}
        stack = [(x, False) for x in reversed(roots)]
        while stack:
            x, ready = stack.pop()
            if ready:
                order[x] = None
            elif x not in order:
                stack.append((x, True))
                stack += [(arg, False) for arg in reversed(asks[x])]
        return list(order), uses

    def _asked(self, ask: Callable[..., Any], *args: Expr) -> list[Expr]:
        self.asked = []
        ask(*args)
        return self.asked


# ---- names and numbers -----------------------------------------------------------------------------------------------

HELPERS = {name for name, value in vars(preamble).items() if inspect.isfunction(value)}
RESERVED = {*keyword.kwlist, *dir(builtins), "np", "dtype", *HELPERS}
LATIN = {**{letter: word for word, letter in GREEK.items()}, **{accent: f"_{word}" for accent, word in ACCENTS.items()}}


def spelled(label: str) -> str:
    """A label as a Python identifier: delta2 of δ2, h_bar of h̄, f_prime of f′."""
    text = "".join(LATIN.get(letter, letter) for letter in normalize("NFC", label.replace("′", "_prime")))
    word = re.sub(r"\W", "_", normalize("NFKC", text))
    return word if word.isidentifier() else f"_{word}"


def literal(value: Any, named: Callable[[Any], str] = str) -> Code:
    """A number, or a product, sum or power of sizes, as Python code."""
    x = sp.sympify(value)
    if x.is_Symbol:
        return Code(named(x))
    if x.is_Integer:
        return Code(str(x), ATOM if x >= 0 else SIGN)
    if not x.free_symbols and not x.is_Rational:
        return Code(repr(float(x)), ATOM if x >= 0 else SIGN)
    over, under = x.as_numer_denom()
    if under != 1:
        return Code(f"{literal(over, named).at(PRODUCT)} / {literal(under, named).at(SIGN)}", PRODUCT)
    if x.is_Add:
        parts = [literal(term, named).at(SUM) for term in x.as_ordered_terms()]
        return Code(" + ".join(parts).replace("+ -", "- "), SUM)
    if x.is_Mul:
        return Code(" * ".join(literal(factor, named).at(SIGN) for factor in x.as_ordered_factors()), PRODUCT)
    if x.is_Pow:
        return Code(f"{literal(x.base, named).at(ATOM)}**{literal(x.exp, named).at(ATOM)}", POWER)
    raise MissingRule(f"no NumPy source for the number {x}: write its form in jacobian/printing/numpy/program.py")


def _tuple(items: Iterable[Code]) -> str:
    found = list(map(str, items))
    return f"({', '.join(found)}{',' if len(found) == 1 else ''})"


def _noted(shape: tuple[Size, ...], program: Program) -> str:
    """A shape in a comment, which needs no value of the sizes."""
    return _tuple(literal(n, program.named) for n in shape)


def _note(key: Any, program: Program) -> str:
    """What an argument of the function is."""
    if isinstance(key, Function):
        return f"the function {key.name}, entry by entry"
    return _noted(key.shape, program) if isinstance(key, Expr) else "a size"


# ---- the whole function ----------------------------------------------------------------------------------------------


def function(name: str, roots: Sequence[Expr], results: Sequence[Callable[[Program], Code]],
             title: str) -> tuple[str, dict[str, Any]]:
    """The source of a function of keyword arrays and sizes, and what each of its arguments stands for."""
    program = Program(results, roots)
    codes = program.write()
    used = [x for x in leaves(*roots) if x in program.codes]
    if program.typed and not any("index" not in x.assumptions for x in used):
        used = leaves(*roots)
    shown, hidden, used = _sizes(program, used, [x for x in leaves(*roots) if x not in used])
    arguments = {program.named(key): key for key in (*used, *program.functions, *hidden)}
    types = [program.named(x) for x in used if "index" not in x.assumptions]
    first = [f"dtype = np.result_type({', '.join([*types, '0.0'])})"] if program.typed else []
    notes = [f"{word}: {_note(key, program)}" for word, key in arguments.items()]
    ends = ", ".join(map(str, codes))
    body = [f'"""{title}', "", *notes, '"""', *shown, *first, *program.lines, f"return {ends}"]
    signature = f"def {name}({'*, ' if arguments else ''}{', '.join(arguments)}):"
    carried = _carried(program.helpers)
    head = ["import numpy as np", "", "", *carried]
    return "\n".join([*head, signature, *(f"    {line}".rstrip() for line in body)]) + "\n", arguments


def _sizes(program: Program, used: list[Expr], others: list[Expr]) -> tuple[list[str], list[Any], list[Expr]]:
    """The lines that read sizes from the arrays that show them, the sizes that none shows, and all arrays needed."""
    wanted = set(program.sizes)
    lines, needed = [], list(used)
    for x in (*used, *others):
        fresh = [n for n in dict.fromkeys(x.shape) if n in wanted]
        if fresh:
            wanted -= set(fresh)
            needed += [x] if x not in used else []
            word = program.named(x)
            if len(fresh) == len(x.shape):
                names = ", ".join(map(program.named, x.shape))
                lines.append(f"{names} = {word}.shape{'[0]' if len(fresh) == 1 else ''}")
            else:
                lines += [f"{program.named(n)} = {word}.shape[{x.shape.index(n)}]" for n in fresh]
    order = leaves(*program.roots)
    return lines, sorted(wanted, key=str), [x for x in order if x in needed]


def _carried(helpers: dict[str, Any]) -> list[str]:
    """The source of the helpers, those that they call first."""
    texts: dict[str, str] = {}

    def add(name: str, helper: Any) -> None:
        if isinstance(helper, Written):
            inner, text = helper.calls, helper.text(name)
        else:
            inner, text = _source(helper)
        for other in inner:
            if other not in texts:
                add(other, getattr(preamble, other))
        texts.setdefault(name, text)

    for name, helper in helpers.items():
        add(name, helper)
    return [line for text in texts.values() for line in (*text.rstrip().split("\n"), "", "")]


@cache
def _source(helper: Any) -> tuple[tuple[str, ...], str]:
    used = {step.argval for step in dis.get_instructions(helper) if step.opname == "LOAD_GLOBAL"}
    return tuple(sorted(used & HELPERS)), inspect.getsource(helper)
