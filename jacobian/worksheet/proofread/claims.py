"""An exercise as it stands on a page, compared line by line with what its definitions give by differences."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import pairwise

import numpy as np

from jacobian.symbolic.assumptions import ASSUMPTIONS
from jacobian.worksheet.proofread.grammar import equations, formula, sizes
from jacobian.worksheet.proofread.node import Node, Unread
from jacobian.worksheet.proofread.page import Exercise, Line
from jacobian.worksheet.proofread.shapes import shapes
from jacobian.worksheet.proofread.values import COLUMNS, Array, shape
from jacobian.worksheet.proofread.world import World, sums

EXACT, ROUGH = 1e-8, 0.2        # relative error of a formula; of a prediction by the total differential
BY_COLUMNS = "K by columns"
GIVEN = r"(\S+): ((?:(?! and )[^,])+)"      # of "A: m × n, b: m and x: n"
SEVERAL = 4                     # points at which a formula holds of which it is not said whether it does
TRIES = 12                      # random points, until everything has a value
WORDS = {row.words.partition(",")[0]: row for row in ASSUMPTIONS.values()}


@dataclass(frozen=True)
class Fault:
    """What does not agree: the line as it stands there, and what the differences say."""

    exercise: int
    title: str
    line: str
    said: str


@dataclass
class Told:
    """An equation of a line: its sides, with relations between them."""

    line: Line
    relations: list[str]
    sides: list[Node]

    @property
    def left(self) -> Node:
        return self.sides[0]

    @property
    def blank(self) -> bool:
        return any(part.kind == "blank" for side in self.sides for part in side.walk())


@dataclass
class Tally:
    """What was compared, and how far the worst was off."""

    formulas: int = 0
    numbers: int = 0
    formula_error: float = 0.0
    number_error: float = 0.0
    faults: list[Fault] = field(default_factory=list)
    exercises: int = 0

    def add(self, other: Tally) -> None:
        self.formulas += other.formulas
        self.numbers += other.numbers
        self.formula_error = max(self.formula_error, other.formula_error)
        self.number_error = max(self.number_error, other.number_error)
        self.faults += other.faults
        self.exercises += other.exercises


class Claims:
    """The claims of one exercise; `world` is what stands before the exercises."""

    def __init__(self, exercise: Exercise, before: World, sloped: str = "", columns: bool = False) -> None:
        self.exercise, self.tally = exercise, Tally(exercises=1)
        self.sloped, self.columns = sloped, columns
        self.world = replace(before, defined=dict(before.defined), signals={}, arrays=set(before.arrays),
                             assumed=dict(before.assumed), values=dict(before.values), changes={},
                             sizes={}, known={}, apart="held fixed" in exercise.words, columns=columns)
        self.told: list[Told] = []
        self.context: list[Told] = []               # of all exercises that have the same definitions
        self.used: dict[Node, dict[str, tuple[int, ...]]] = {}
        self.points: list[World] = []
        self.others: list[World] = []               # at which what may be wrong is compared, too
        self.exact: World | None = None
        self.steps: dict[Node, Array] = {}
        self.chosen: list[str] = []                 # letters that the answer calls right
        self.facts: dict[Node, Array] = {}          # numbers that a question gives for a derivative

    def fault(self, line: str, said: str) -> None:
        self.tally.faults.append(Fault(self.exercise.number, self.exercise.title, line, said))

    # ---- what is told -----------------------------------------------------------------------------------------------

    def read(self) -> World:
        """Definitions and numbers go into the world, the other equations are claims."""
        if found := re.search(r"α = (\d+(?:\.\d+)?(?:/\d+)?)", self.exercise.words):
            self.world.values["α"] = self.world(formula(found[1]))
        for line in self.exercise.lines:
            if line.kind == "formula":
                try:
                    self._equations(line)
                except Unread as error:
                    self.fault(line.text, str(error))
        taken = {*self.world.defined, *self.world.values, *(n.data for n in self._named())}
        for told in self.told:
            name = told.left.args[0] if told.left.kind == "T" else told.left
            if name.kind == "name" and len(told.sides) > 1 and told.sides[1].kind == "∂" and name.data not in taken:
                slope = told.sides[1]
                self.world.signals[name.data] = slope if name is told.left else turned(slope)
        return self.world

    def parsed(self, text: str) -> Node:
        return self._with_slope(formula(text))

    def _with_slope(self, node: Node) -> Node:
        """LReLU with the slope that the page says."""
        named = isinstance(node.data, str) and self.sloped
        data = re.sub("^LReLU", f"LReLU/{self.sloped}", node.data) if named else node.data
        data = COLUMNS if data == "vec" and self.columns else data
        kind = BY_COLUMNS if node.kind == "K" and self.columns else node.kind
        return Node(kind, tuple(map(self._with_slope, node.args)), data)

    def _equations(self, line: Line) -> None:
        said, *more = re.split(r"\s+with\s+", line.said)
        for part in more:
            word, _, assumed = part.partition(" ")
            self.world.assumed[word] = assumed
        if line.answer and said.startswith("= ") and self.told:      # goes on from the lines above
            self.told.append(Told(line, ["="], [self.told[-1].left, self.parsed(said[2:])]))
            return
        for relations, sides in equations(said):
            sides = list(map(self._with_slope, sides))
            if not relations:
                if line.answer and self.told:
                    raise Unread(f"{said!r} is no equation")
                continue
            left, right = sides[0], sides[-1]
            bare = [side for side in sides[1:-1] if side.kind == "name" and side.data not in self.world.defined]
            if bare and literal(right) and not line.answer:
                self.world.values[bare[0].data] = self.world(right)
            if left.kind == "Δ" and literal(right) and not line.answer:
                self.world.changes[left.args[0]] = self.world(right)
            elif left.kind != "name" or line.answer or line.number is not None:
                self.told.append(Told(line, relations, sides))
            elif literal(right) and len(sides) == 2:
                self.world.values[left.data] = self.world(right)
                self.world.arrays |= {left.data} if right.kind == "grid" else set()
            else:
                self.world.defined[left.data] = sides[1]

    # ---- points -----------------------------------------------------------------------------------------------------

    def prepare(self) -> None:
        """A world with the numbers of the page, where it has all of them, and one at random. Raises Unread."""
        beside = [*self.told, *self.context]
        said = [side for told in beside for side in told.sides
                if not any(part.kind in ("∂", "path", "Δ", "grid", "blank") for part in side.walk())]
        sentence = "".join(re.findall(r"Given (?:is|are) ([^.]*)\.", self.exercise.words)[-1:])
        given = {formula(word).data: sizes(text) for word, text in re.findall(GIVEN, sentence)}
        said += [Node("shaped", (Node("name", (), word),), axes) for word, axes in given.items()]
        said += [part for told in beside for side in told.sides for part in side.walk() if part.kind == "shaped"
                 and (part.args[0].kind == "name" or part.args[0] in map(turned, self._named()))]
        said += self.options()
        signals = {word: (node.args[0] if node.kind == "T" else node).args[1]
                   for word, node in self.world.signals.items()}
        for falling in (False, True):
            found, self.world.sizes = shapes(self.world.defined, signals, said, self.world.values, given,
                                             falling)
            inputs = {word: (m, n) for word, (m, n) in found.items() if word not in {
                *self.world.defined, *self.world.signals, *self.world.sizes}}
            if point := self._random(inputs, 0):
                self.points = [point]
                self.others = [more for k in range(1, SEVERAL) if (more := self._random(inputs, k * TRIES))]
                break
        else:
            raise Unread("no numbers were found at which all that is defined has a value")
        slopes = any(not told.line.answer and told.line.number is None and literal(told.sides[-1])
                     and "∂" in (told.left.kind, *(part.kind for part in told.left.args)) for told in self.told)
        if self.world.values.keys() - {"α"} and not slopes:
            self.exact = self.world.with_values({**self.points[0].values, **self.world.values})

    def options(self) -> list[Node]:
        """The formulas to choose from."""
        return [self.parsed(found[1]) for line in self.exercise.lines if line.kind == "words" and not line.answer
                and (found := re.match(r"\(\w\) (.+)$", line.text))]

    def _named(self) -> Iterator[Node]:
        return (Node("name", (), word) for body in self.world.defined.values() for word in body.names())

    def _random(self, inputs: dict[str, tuple[int, int]], first: int) -> World | None:
        """A point at which all that is defined has a value, where there is one, from the first seed on."""
        hot = {part.args[1].data for body in self.world.defined.values() for part in body.walk()
               if part.kind == "call" and part.data == "CE"}
        for seed in range(TRIES):
            rng = np.random.default_rng([first + seed, self.exercise.number])
            values = dict(self.world.values)
            for word, (m, n) in inputs.items():
                drawn = rng.normal(size=(m, n)) if seed < TRIES // 2 else rng.uniform(0.5, 1.5, size=(m, n))
                row = WORDS.get(self.world.assumed.get(word, "").partition(",")[0])
                if row:
                    drawn = row.draw(rng, drawn[:, 0])[:, None] if n == 1 and not row.square else row.draw(rng, drawn)
                if word in hot:
                    drawn = np.eye(m)[:, rng.integers(m, size=n)] if n == 1 else np.eye(n)[rng.integers(n, size=m)]
                values[word] = drawn
            world = self.world.with_values(values)
            if all(np.isfinite(world(Node("name", (), word))).all() for word in self.world.defined):
                return world
        return None

    # ---- comparing --------------------------------------------------------------------------------------------------

    def check(self) -> Tally:
        """Compare every claim."""
        for told in self.told:
            try:
                if not told.blank and not self.planted(told):
                    self.statement(told)
            except Unread as error:
                self.fault(told.line.text, str(error))
        return self.tally

    @cached_property
    def false(self) -> list[int]:
        """The numbers of the lines, one of which is to be wrong, that do not hold."""
        found = []
        for told in filter(self.planted, self.told):
            alone = copy(self)
            alone.tally, alone.used, alone.points = Tally(), {}, [*self.points, *self.others]
            try:
                alone.statement(told)
            except Unread:
                found.append(told.line.number)
            if alone.tally.faults:
                found.append(told.line.number)
            self.tally.formulas += 1
        return [number for number in found if number is not None]

    def planted(self, told: Told) -> bool:
        """Whether the line is one among which a wrong one is to be found."""
        return told.line.number is not None and "is wrong; each of the others" in self.exercise.words

    def statement(self, told: Told) -> None:
        """Every side against the first, at random and at the numbers of the page. Raises Unread."""
        worlds = [*self.points, *([self.exact] if self.exact else [])]
        for k, side in enumerate(told.sides[1:], 1):
            first = told.sides[1] if told.relations[0] in "≈←" and k > 1 else told.left
            if told.relations[0] == "←" and k == 1:
                continue
            if numeric(side) and not (self.exact is None and literal(side) and side.kind != "grid"):
                if self.exact is None:
                    self.fact(told, side)
                    continue
                self.number(told, side, self.references(first, self.exact, told), k)
                continue
            for world in worlds:
                rough = told.relations[k - 1] == "≈"
                if rough and world is not self.exact:
                    continue
                if self.paths(told, side, world):
                    continue
                references = self.references(first, world, told)
                self.compare(told.line.text, world(side), references, ROUGH if rough else EXACT)
        if told.relations[0] == "←" and self.exact is not None:
            self.steps[told.left] = self.exact(told.sides[1])

    def references(self, left: Node, world: World, told: Told) -> list[Array]:
        """What the left side may mean: a derivative in all or, where others are held fixed, at once."""
        if self.steps and left.kind == "name" and left.data in self.world.defined:
            return [world(left, self.steps)]
        inner = left.args[0] if left.kind == "T" else left
        if left.kind == "path":
            return [value for _, value in sums(world.paths(*left.args[0].args))]
        if world.apart and inner.kind == "∂":
            found = world.slope(inner.args[0], inner.args[1], fixed=True)
            return [found.T if left.kind == "T" else found]
        return [world(left)]

    def paths(self, told: Told, side: Node, world: World) -> bool:
        """Compare (∂f/∂x)₁ with sums of paths that no other line has."""
        if told.left.kind != "path":
            return False
        value, derivative = world(side), told.left.args[0]
        used = self.used.setdefault(derivative, {})
        taken = {k for index, chosen in used.items() if index != told.left.data for k in chosen}
        matches = [chosen for chosen, total in sums(world.paths(*derivative.args))
                   if not taken & {*chosen} and total.shape == value.shape and off(value, total) <= EXACT]
        if world is self.points[0]:
            if not matches:
                raise Unread("no path gives it by differences: they give " + " and ".join(
                    written(part) for part in world.paths(*derivative.args)))
            used[told.left.data] = matches[0]
        self.tally.formulas += 1
        return True

    def compare(self, line: str, value: Array, references: list[Array], within: float = EXACT) -> None:
        fits = [reference for reference in references if reference.shape == value.shape]
        if not fits:
            self.fault(line, f"it has the shape {shape(value)}, but the differences have {shape(references[0])}")
            return
        error, reference = min(((off(value, reference), k) for k, reference in enumerate(fits)))
        self.tally.formulas += 1
        if not error <= within:
            self.fault(line, f"the differences give {written(fits[reference])}, but this is {written(value)} "
                             "at the same numbers")
        elif within == EXACT:
            self.tally.formula_error = max(self.tally.formula_error, error)

    def number(self, told: Told, side: Node, references: list[Array], k: int) -> None:
        """Numbers against the first side; factors and terms against those of the formula."""
        assert self.exact is not None
        if not literal(side):
            self.parts(told, side, k)
            value = self.exact(side)
            if value.shape != references[0].shape or off(value, references[0]) > 1e-3:
                self.fault(told.line.text, f"the differences give {written(references[0])}, but this is "
                                           f"{written(value)}")
            return
        self.literal(told.line.text, side, references)

    def fact(self, told: Told, side: Node) -> None:
        """Numbers of derivatives that a question gives, and their product. Raises Unread where none were given."""
        if not told.line.answer and literal(side):
            self.facts[told.left] = self.world(side)
            return
        meant = self.meant(told, 2)
        if meant is None or not {*meant} <= self.facts.keys():
            raise Unread("numbers stand here, but those of the quantities are not given")
        value = self.world(Node("product", meant), self.facts)
        for part, reference in [(side, value)] if literal(side) else zip(
                side.args, map(self.facts.__getitem__, meant), strict=True):
            self.literal(told.line.text, part, [reference])

    def meant(self, told: Told, factors: int) -> tuple[Node, ...] | None:
        """The factors of a formula for the same left side."""
        return next((other.args for row in self.told for other in row.sides
                     if row.left == told.left and other.kind == "product" and len(other.args) == factors
                     and not numeric(other) and not any(part.kind == "shaped" for part in other.args)), None)

    def literal(self, line: str, side: Node, references: list[Array]) -> None:
        """Entries, each as exactly as it is written."""
        value, within = self.world(side), rounding(side)
        fits = [reference for reference in references if reference.shape == value.shape]
        self.tally.numbers += value.size
        if not fits:
            self.fault(line, f"it has the shape {shape(value)}, but the differences have {shape(references[0])}")
            return
        best = min(fits, key=lambda reference: np.abs(value - reference).max())
        if not (np.abs(value - best) <= within).all():
            self.fault(line, f"the differences give {written(best)}")
        else:
            self.tally.number_error = max(self.tally.number_error, float(np.abs(value - best).max()))

    def parts(self, told: Told, side: Node, k: int) -> None:
        """The factors of a product of numbers, the terms of a difference. Raises Unread."""
        world = self.exact
        assert world is not None
        if side.kind == "+" and told.left.kind == "Δ" and side.args[1].kind == "−":
            for part, value in zip((side.args[0], side.args[1].args[0]),
                                   (world.after(told.left.args[0]), world(told.left.args[0])), strict=True):
                self.literal(told.line.text, part, [value])
            return
        if side.kind != "product":
            raise Unread("these numbers are not understood")
        meant = self.meant(told, len(side.args)) or self.chained(told)
        if meant is None:
            raise Unread("it is not said what these factors are")
        for part, formula_ in zip(side.args, meant, strict=True):
            self.literal(told.line.text, part, [world(formula_)])

    def chained(self, told: Told) -> tuple[Node, ...] | None:
        """(∂J/∂x)ᵀ as (∂J/∂y)ᵀ from the line above and ∂y/∂x."""
        above = next((before for before, row in pairwise(self.told) if row is told), None)
        kind = "∂" if self.world.turned or self.world.rows else "T"
        if above is None or above.left.kind != kind or told.left.kind != kind:
            return None
        if self.world.turned:
            return Node("∂", (above.left.args[1], told.left.args[1])), above.left
        y, x = ((row.left if self.world.rows else row.left.args[0]).args[1] for row in (above, told))
        return above.left, Node("∂", (y, x))


def turned(node: Node) -> Node:
    return Node("T", (node,))


def numeric(node: Node) -> bool:
    """Whether only numbers stand there, more than one, or in a matrix."""
    return not any(part.kind in ("name", "∂", "path", "Δ", "call", "ones", "eye", "zeros") for part in node.walk())


def literal(node: Node) -> bool:
    """Whether it is one number or a matrix of numbers as it is written."""
    if node.kind == "grid":
        return all(map(literal, node.args))
    inner = node.args[0] if node.kind == "−" else node
    return all(part.kind in ("number", "1/", "product") for part in inner.walk())


def rounding(node: Node) -> Array:
    """Half a unit of the last decimal that is written; of whole numbers and fractions nothing but rounding."""
    if node.kind == "grid":
        return np.array([rounding(part).item() for part in node.args]).reshape(node.data, -1)
    inner = node.args[0] if node.kind == "−" else node
    decimals = inner.data[1] if inner.kind == "number" else 0
    return np.full((1, 1), 0.5001 * 10.0**-decimals if decimals else 1e-9)


def off(a: Array, b: Array) -> float:
    """The largest difference, of the largest entry."""
    found = float(np.abs(a - b).max() / max(np.abs(b).max(), 1e-3))
    return found if np.isfinite(found) else np.inf


def written(x: Array) -> str:
    """The numbers, as far as they need be seen."""
    rows = "; ".join(" ".join(f"{entry.real:.6g}" for entry in row) for row in np.atleast_2d(x)[:6])
    return rows if np.size(x) == 1 else f"[{rows}{'; …' if np.shape(x)[0] > 6 else ''}]"
