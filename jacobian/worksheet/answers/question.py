"""A question: the right answer as a tree with its values at points, and the mistakes with theirs."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import combinations, product
from typing import Any

import numpy as np
import sympy as sp

from jacobian.derivation.derivation import Derivation
from jacobian.errors import InputError
from jacobian.printing.plain import declarations as declared_text
from jacobian.symbolic import sample
from jacobian.symbolic.elementwise import Function, function, standing_in
from jacobian.symbolic.evaluate import Binding
from jacobian.symbolic.expr import Expr, sizes_of
from jacobian.symbolic.parse import parse
from jacobian.symbolic.parse.declarations import declarations
from jacobian.worksheet.answers.grammar import read
from jacobian.worksheet.answers.mistakes import CORE, MISTAKES, SMALL, Context, Mistake
from jacobian.worksheet.answers.names import Names, canonical
from jacobian.worksheet.answers.node import Misread, Node
from jacobian.worksheet.answers.operations import COLUMNS, HINT, NUMPY, PAPER, Reading, Run
from jacobian.worksheet.answers.tokens import tokenize
from jacobian.worksheet.answers.words import MAPS
from jacobian.worksheet.answers.value import Real, TooMuch, Value, natural, scalar

POINTS = 3
ASKS = ("formula", "shape", "numbers")
CLOSE = 1e-9            # of the largest number that is met
MUTANTS, PAIRS, EACH = 1500, 1800, 6


@dataclass(frozen=True, eq=False)
class Question:
    """Question("W'*delta .* a.*(1-a)", "W: m n, delta: m, z: n", given="a = sigmoid(z)"): what is asked and known.

    `answer` is a text, an expression, a derivation (its value is the answer) or, where numbers are asked, an array.
    `shapes` declares every quantity that may appear, as `jac.symbols` does, and functions without values ("g:
    function"); `given` gives others by formulas. `asks` is "formula", "shape" (that of `answer`) or "numbers"; with
    `values` ("x = [1, 2]; W = [1 0; 0 1]") numbers are those of the formula there. Raises InputError where the answer
    itself cannot be read, does not fit, or is read in two ways.
    """

    answer: Any
    shapes: str = ""
    given: Any = ""
    asks: str = "formula"
    values: Any = ""
    text: str = ""
    seed: int = 0

    def __post_init__(self) -> None:
        if self.asks not in ASKS:
            raise InputError(f"a question asks for one of {', '.join(ASKS)}, but {self.asks!r} was given")
        if not isinstance(self.shapes, str):
            raise InputError(f'shapes are declared in words, "W: m n, x: n", but {self.shapes!r} was given')
        self.rights     # noqa: B018 (what cannot be read is said at once)

    # ---- what is declared ----

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

    @cached_property
    def symbols(self) -> dict[str, Expr]:
        return declarations(self.source[1]).symbols

    @cached_property
    def functions(self) -> tuple[str, ...]:
        return tuple(declarations(self.source[1]).functions)

    @cached_property
    def sizes(self) -> tuple[str, ...]:
        """The letters of sizes."""
        return tuple(str(n) for n in sizes_of(*self.symbols.values()) if str(n) not in self.symbols)

    @cached_property
    def names(self) -> Names:
        return Names((*self.symbols, *(name for name, _ in self.statements), *self.sizes))

    @cached_property
    def statements(self) -> list[tuple[str, str]]:
        """name = formula, of what is given."""
        found = []
        for part in filter(str.strip, self.source[2].replace("\n", ";").split(";")):
            name, equals, formula = (word.strip() for word in part.partition("="))
            if not equals or not name.isidentifier():
                raise InputError(f'what is given is written as "a = sigmoid(z)", but {part.strip()!r} was given')
            found.append((name, formula))
        return found

    def tree(self, text: str) -> Node:
        """A text of the teacher's. Raises InputError with the place."""
        try:
            return read(tokenize(text), self.names, self.functions)
        except Misread as error:
            where = f"at character {error.start + 1} of {text!r}"
            raise InputError(f"{error.sentence} ({where})") from error

    # ---- values ----

    @cached_property
    def points(self) -> list[dict[str, Value]]:
        """Values of all names: at points of several sizes that all differ, or the one that was given."""
        if self.values:
            return [self._at(self._values())]
        seed = zlib.crc32(repr((self.seed, self.source)).encode())
        found: list[dict[str, Value]] = []
        regimes = (sample.REGIMES[0], sample.REGIMES[3], sample.REGIMES[0], *sample.REGIMES)
        for attempt in range(24):
            if len(found) == POINTS:
                break
            rng = np.random.default_rng((seed, attempt))
            more = len(self.sizes) * (len(found) == 1)      # so that no size is the same at the first two points
            first = np.random.default_rng((seed, len(found) // 2))
            sizes = sample.sizes(first, *self.symbols.values(), smallest=2 + more)
            regime = regimes[len(found)] if attempt < 8 else sample.REGIMES[attempt % len(sample.REGIMES)]
            bind = Binding({}, sizes)
            drawn = {name: natural(sample.value(rng, s, s, bind, regime).reshape(bind._shape(s)), s.axes)
                     for name, s in self.symbols.items()}
            values = self._at(drawn | {n: scalar(sizes[n]) for n in self.sizes})
            right = self._right(values)
            if right is None or np.isfinite(right.array).all():
                found.append(values)
        if not found:
            raise InputError(f"{self.source[0]} is not finite at any of 24 random points: declare what is known, "
                             'such as "x: n positive"')
        return found

    def _values(self) -> dict[str, Value]:
        """The values that were given, with those of the sizes."""
        if isinstance(self.values, Mapping):
            texts = {k: str(np.asarray(v).tolist()) for k, v in self.values.items()}
        else:
            texts = dict(self._parts())
        found: dict[str, Value] = {}
        for name, text in texts.items():
            symbol = self.symbols.get(name.strip())
            if symbol is None:
                raise InputError(f"{name.strip()} has a value, but is not among {', '.join(self.symbols)}")
            value = Run({}, PAPER)(self.tree(text))
            shape = [n for n in value.array.shape if n > 1]
            axes = symbol.axes
            if len(shape) > len(symbol.shape):
                raise InputError(f"{name.strip()} has shape {symbol.shape}, but {text.strip()} was given")
            array = value.array.reshape(-1, 1) if axes[1] is None else \
                value.array.reshape(1, -1) if axes[0] is None else value.array
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

    def _parts(self) -> Iterator[tuple[str, str]]:
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

    def _at(self, values: dict[str, Value]) -> dict[str, Value]:
        """With what is given by formulas."""
        for name, formula in self.statements:
            run = Run(values, self._reading_of(formula, values))
            values = {**values, name: run(self.tree(formula))}
        return values

    def _reading_of(self, text: str, values: Mapping[str, Value]) -> Reading:
        tree = self.tree(text)
        for reading in (NUMPY, COLUMNS) if tokenize(text).numpy else (PAPER,):
            run = Run(values, reading)
            run(tree)
            if not run.misfits:
                return reading
        raise InputError(f"the sizes in {text} do not fit: {run.misfits[0][1]}")

    def _right(self, values: Mapping[str, Value]) -> Value | None:
        """The answer at a point."""
        return Run(values, self._reading_of(self.source[0], values))(self.tree(self.source[0]))

    @cached_property
    def rights(self) -> list[Value]:
        """The right answer at each point, of the tree and, where both read it, of the expression."""
        found = [self._right(values) for values in self.points]
        rights = [x.size(max(x.array.shape), max(x.array.shape)) for x in found if x is not None]
        for values, right in zip(self.points, rights, strict=True):
            values[HINT] = scalar(right.array.shape[0])
            other = self._expression_value(values)
            if other is not None and not (other.shape == right.array.shape
                                          and np.allclose(other, right.array, rtol=1e-7, atol=1e-9)):
                raise InputError(f"{self.source[0]} is read in two ways: write .* for products entry by entry and * for "
                                 "matrix products, and sum(sum(X)) or ones for sums")
        return rights

    @cached_property
    def expression(self) -> Expr | None:
        """The answer as an expression, None where only the grammar of answers reads it."""
        if isinstance(self.answer, Expr | Derivation):
            return self.answer.value if isinstance(self.answer, Derivation) else self.answer
        try:
            return parse("; ".join([*(f"{name} = {formula}" for name, formula in self.statements), self.source[0]]),
                         self.source[1])
        except InputError:
            return None

    def _expression_value(self, values: Mapping[str, Value]) -> Real | None:
        x = self.expression
        if x is None or (self.asks == "numbers" and not self.symbols):
            return None
        shown = {s: values[name].array.reshape([int(values[str(n)].array.item()) if str(n) in values else int(n)
                                                for n in s.shape]) for name, s in self.symbols.items()}
        try:
            with standing_in():
                return np.asarray(Binding(shown, {n: int(values[n].array.item()) for n in self.sizes})(x), float)
        except InputError:
            return None

    # ---- mistakes ----

    @cached_property
    def resolved(self) -> Node:
        """The right tree with nothing left open and derivatives of activations folded into one node."""
        reading = self._reading_of(self.source[0], self.points[0])
        return self.folded(resolve(self.tree(self.source[0]), reading))

    def context(self, tree: Node, values: Mapping[str, Value]) -> Context:
        """What mutations of a tree may know."""
        return Context(Run(values, PAPER).all(tree), {k: v for k, v in self.points[0].items() if k != HINT},
                       self.sizes, tree, self.formulas)

    @cached_property
    def formulas(self) -> dict[str, Node]:
        """What is given, as trees."""
        return {name: resolve(self.tree(formula), self._reading_of(formula, self.points[0]))
                for name, formula in self.statements}

    @cached_property
    def slopes(self) -> list[tuple[Function, Node, Value]]:
        """f, z and f′(z) for each activation that the question speaks of."""
        nodes = [n for _, formula in self.statements for n in self.tree(formula).walk()]
        nodes += list(self.tree(self.source[0]).walk())
        found, seen = [], set()
        for node in nodes:
            if node.kind != "map":
                continue
            f = base(node.data)
            if f.prime().form in (0, f.form) or f.prime().form.has(sp.DiracDelta):
                continue
            key = (f.name, str([(n.kind, n.data) for n in node.args[0].walk()]))
            if key not in seen:
                seen.add(key)
                arg = resolve(node.args[0], PAPER)
                slope = Node("slope", (arg,), f)
                found.append((f, slope, Run(self.points[0], PAPER)(slope)))
        return found

    def folded(self, tree: Node) -> Node:
        """Every spelling of f′(z) as one node."""
        for _ in range(3):
            values = Run(self.points[0], PAPER).all(tree)
            done = self._fold(tree, values)
            if done is tree:
                break
            tree = done
        return tree

    def _fold(self, tree: Node, values: Mapping[Node, Value]) -> Node:
        for node in tree.walk():
            if node.kind in ("slope", "name", "number") or node not in values:
                continue
            for _, slope, value in self.slopes:
                if same(values[node], value):
                    return tree.put(node, slope)
            if node.kind in ("times", "product"):
                parts = entry_factors(node, values)
                if not 2 < len(parts) <= 7:
                    continue
                for count in (2, 3):
                    for chosen in combinations(parts, count):
                        for _, slope, value in self.slopes:
                            if _same_product([values[p] for p in chosen], value):
                                rest = [p for p in parts if p not in chosen]
                                made = rest[0]
                                for part in (*rest[1:], slope):
                                    made = Node(node.kind, (made, part))
                                return tree.put(node, made)
        return tree

    @cached_property
    def single(self) -> Table:
        """The mistakes made once."""
        return Table(self, self._mutants(self.resolved, MISTAKES, MUTANTS))

    @cached_property
    def numbered(self) -> list[tuple[Mistake, Value]]:
        """The mistakes made once, with the numbers that they give, the simplest first."""
        point, right = self.points[0], self.rights[0]
        found = [(m, value) for m, tree, _ in self._mutants(self.resolved, MISTAKES, MUTANTS)
                 for value in _values(tree, [point]) if not is_right([value], [right])]
        return sorted(found, key=lambda row: row[0].cost)

    @cached_property
    def pairs(self) -> Table:
        """Two of the core mistakes together."""
        core = [m for m in MISTAKES if m.name in CORE]

        def twice() -> Iterator[tuple[Mistake, Node, Node]]:
            for first in core:
                for _, tree, _ in self._mutants(self.resolved, [first], EACH):
                    for second in core:
                        if second.cost >= first.cost:
                            named = second if first.name in SMALL else first
                            both = replace(named, cost=first.cost + second.cost)
                            for _, mutant, node in self._mutants(tree, [second], EACH):
                                yield both, mutant, node

        return Table(self, _first(twice(), PAIRS))

    def _mutants(self, tree: Node, mistakes: Any, most: int) -> Iterator[tuple[Mistake, Node, Node]]:
        """Every mutation of a tree: which mistake it is, the tree, and the node that was changed."""
        context = self.context(tree, self.points[0])
        return _first(mutants(tree, mistakes, context), most)


def _first(items: Iterator[Any], most: int) -> Iterator[Any]:
    for k, item in enumerate(items):
        if k == most:
            return
        yield item


def mutants(tree: Node, mistakes: Any, context: Context) -> Iterator[tuple[Mistake, Node, Node]]:
    nodes = list(tree.walk())
    for mistake in mistakes:
        for node in nodes[:1] if mistake.whole else nodes:
            for made in mistake.mutate(node, context):
                yield mistake, tree.put(node, made), node


def same(a: Value, b: Value) -> bool:
    return a.kind == b.kind and a.array.shape == b.array.shape and close(a.array, b.array)


def close(a: Real, b: Real, largest: float = 1.0) -> bool:
    """Whether two arrays differ by no more than rounding."""
    if not (np.isfinite(a).all() and np.isfinite(b).all()):
        return False
    return bool(np.abs(a - b).max(initial=0.0) <= CLOSE * max(np.abs(b).max(initial=0.0), 1e-3 * largest))


def base(f: Function) -> Function:
    """f of f′."""
    name = f.name.rstrip("′")
    return next((row for row in MAPS.values() if row.name == name), None) or function(name)


def entry_factors(node: Node, values: Mapping[Node, Value]) -> list[Node]:
    """The factors of a product that goes entry by entry, or of numbers."""
    if node.kind == "times" or (node.kind == "product" and any(values[a].scalar for a in node.args if a in values)):
        return [f for arg in node.args for f in entry_factors(arg, values)]
    return [node]


def _same_product(parts: list[Value], value: Value) -> bool:
    kinds = {p.kind for p in parts if not p.scalar} or {(False, False)}
    shapes = {p.array.shape for p in parts if not p.scalar} or {(1, 1)}
    if kinds != {value.kind} or shapes != {value.array.shape}:
        return False
    array = parts[0].array
    for part in parts[1:]:
        array = array * part.array
    return close(array, value.array)


def resolve(tree: Node, reading: Reading) -> Node:
    """The tree with what a reading leaves open decided: every product "product" or "times"."""
    kinds = {"*": "times" if reading.star == "times" else "product", "dot": "product", "cdot": "product", "over": "/"}
    args = tuple(resolve(arg, reading) for arg in tree.args)
    return replace(tree, kind=kinds.get(tree.kind, tree.kind), args=args)


@dataclass
class Fingerprint:
    """What tells one value from another: its kind and shape, and two random projections at each of two points."""

    shape: tuple[Any, ...]
    numbers: Real


def fingerprint(values: list[Value], rights: list[Value]) -> Fingerprint | None:
    """None of what is not finite."""
    shapes, numbers = [], []
    for value, right in zip(values, rights, strict=True):
        value = value.size(*right.array.shape) if value.eye or any(value.free) else value
        if not np.isfinite(value.array).all():
            return None
        shapes.append((value.kind, value.array.shape))
        numbers += [float((weights(value.array.shape, k) * value.array).sum()) for k in (0, 1)]
    return Fingerprint(tuple(shapes), np.array(numbers))


_weights: dict[Any, Real] = {}


def weights(shape: tuple[int, ...], k: int) -> Real:
    """Fixed random numbers to project an array with."""
    if (shape, k) not in _weights:
        _weights[shape, k] = np.random.default_rng((7, k, *shape)).uniform(0.5, 1.5, shape)
    return _weights[shape, k]


class Table:
    """Wrong answers by the shape and two projections of their value at a point, each with its mistake."""

    def __init__(self, question: Question, found: Iterator[tuple[Mistake, Node, Node]]) -> None:
        self.question = question
        memo: dict[Node, tuple[Value, bool]] = {}
        rows: dict[Any, list[tuple[Mistake, Node, Real]]] = {}
        for mistake, tree, _ in found:
            values = _shared(tree, question.points[0], memo)
            mark = values and fingerprint(values, question.rights[:1])
            if mark and not (is_right(values, question.rights[:1]) and _right_everywhere(question, tree)):
                rows.setdefault(mark.shape, []).append((mistake, tree, mark.numbers))
        self.rows = {shape: (found, np.array([n for _, _, n in found])) for shape, found in rows.items()}

    def find(self, values: list[Value]) -> Mistake | None:
        """The simplest mistake that gives these values at two points."""
        rights = self.question.rights
        mark = fingerprint(values[:1], rights[:1])
        if mark is None or mark.shape not in self.rows:
            return None
        found, numbers = self.rows[mark.shape]
        hits = sorted((found[k] for k in np.flatnonzero(alike(numbers, mark.numbers))), key=lambda row: row[0].cost)
        for mistake, tree, _ in hits:
            others = _values(tree, self.question.points[1:2])
            a, b = (v and fingerprint(v, rights[1:2]) for v in (others, values[1:2]))
            if (a and b and a.shape == b.shape and alike(a.numbers[None], b.numbers).all()) or not rights[1:2]:
                return mistake
        return None


def alike(rows: Real, numbers: Real) -> Any:
    """Which rows of projections are these."""
    return (np.abs(rows - numbers) <= 1e-8 * (np.abs(rows).max(axis=1, keepdims=True) + 1e-6)).all(axis=1)


def _values(tree: Node, points: list[dict[str, Value]]) -> list[Value]:
    try:
        return [Run(point, PAPER)(tree) for point in points]
    except (TooMuch, Misread):
        return []


def _shared(tree: Node, point: dict[str, Value], memo: dict[Node, tuple[Value, bool]]) -> list[Value]:
    try:
        return [Run(point, PAPER, memo=memo).shared(tree)[0]]
    except (TooMuch, Misread):
        return []


def _right_everywhere(question: Question, tree: Node) -> bool:
    return is_right(_values(tree, question.points), question.rights)


def is_right(values: list[Value], rights: list[Value], flat: bool = False, largest: float = 1.0) -> bool:
    """Whether the values are the right ones at every point, in shape and in numbers."""
    return all(_right(value, right, flat, largest) for value, right in zip(values, rights, strict=True))


def _right(value: Value, right: Value, flat: bool, largest: float) -> bool:
    value = value.size(*right.array.shape) if value.eye or any(value.free) else value
    array = value.array
    if flat and value.vector and right.vector and array.size == right.array.size:
        array = array.reshape(right.array.shape)
    lies = value.kind != right.kind and not (1 in array.shape or right.scalar or value.array.size == 1)
    return array.shape == right.array.shape and not lies and close(array, right.array, largest)
