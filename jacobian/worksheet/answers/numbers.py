"""Answers in numbers: vectors and matrices in NumPy's, MATLAB's, LaTeX's and Python's way, fractions and decimals.

A decimal stands for what rounds to it, so it is right where its last digit is; it takes two digits at least. Anything
else is exact.
"""

from __future__ import annotations

import re
from fractions import Fraction

import numpy as np

from jacobian.worksheet.answers.mistakes import SENTENCES
from jacobian.worksheet.answers.node import Node
from jacobian.worksheet.answers.question import Question
from jacobian.worksheet.answers.seal import Sealed
from jacobian.worksheet.answers.text.grammar import Decimal
from jacobian.worksheet.answers.values.functions import neutral
from jacobian.worksheet.answers.values.reading import HINT, PAPER
from jacobian.worksheet.answers.values.run import Run
from jacobian.worksheet.answers.values.value import Real, Value, scalar
from jacobian.worksheet.answers.verdict import Verdict, accepted, unclear, wrong

EXACT, DIGITS = 1e-9, 2
CERTAIN = 2.9           # mistakes that cost less are named before a slip in one entry
FACTORS = (2.0, 0.5, 4.0, 0.25, 3.0, 1 / 3, 10.0, 0.1)


def numbers(question: Question | Sealed, text: str, tree: Node) -> Verdict:
    """The verdict on numbers."""
    right = question.rights[0]
    parts = re.split(r"[;\s]+", text.strip())
    if "," in text and len(parts) == right.array.size and all(re.fullmatch(r"-?\d+(,\d+)?", part) for part in parts):
        return unclear("is the comma a decimal point? Then write a point", 0, len(text),
                       ("a decimal comma", "two numbers"))
    run = Run({HINT: scalar(1)}, PAPER)
    value = run(tree)
    if run.misfits and not (question.symbols and is_list(tree)):
        node, words = run.misfits[0]
        return wrong("shape", f"{SENTENCES['shape']} {words} stand here.", (node.start, node.end))
    if value.array.shape != right.array.shape == value.T.array.shape:
        if neutral(tree):
            value = value.T
        elif is_list(tree) and tree.data[2] == "blanks" and tree.data[0] == 1:
            return unclear("is a row meant, as in MATLAB, or a column? Write commas, or a column with semicolons",
                           tree.start, tree.end, ("a column", "a row"))
    slack = tolerances(tree, value)
    if _shaped(value, right):
        off = np.abs(value.array - right.array)
        near = off <= slack * (1 + 1e-6) + EXACT * np.maximum(1, np.abs(right.array))
        exact = off <= EXACT * np.maximum(1, np.abs(right.array))
        if near.all():
            short = _short(tree, exact)
            if short is not None:
                return unclear(f"give at least {DIGITS} digits, or a fraction", short.start, short.end)
            return accepted()
    name = _named(question, value, right, slack)
    return wrong(name, SENTENCES[name] if name else "These are not the numbers that are asked for.")


def is_list(tree: Node) -> bool:
    return tree.kind == "list"


def _shaped(value: Value, right: Value) -> bool:
    return value.array.shape == right.array.shape


def _leaves(tree: Node) -> list[Node]:
    if tree.kind == "list":
        return [leaf for arg in tree.args for leaf in _leaves(arg)]
    return _leaves(tree.args[0]) if tree.kind in ("neg", "turn", "same") else [tree]


def tolerances(tree: Node, value: Value) -> Real:
    """How far each entry may be off: half a unit of the last digit of a decimal."""
    leaves = _leaves(tree)
    if len(leaves) != value.array.size:
        return np.zeros_like(value.array)
    slack = np.array([0.5 * 10.0**-leaf.data.places if isinstance(leaf.data, Decimal) else 0.0 for leaf in leaves])
    turned = tree.kind == "turn" and value.rows and value.columns
    return slack.reshape(value.array.T.shape).T if turned else slack.reshape(value.array.shape)


def _short(tree: Node, exact: Real) -> Node | None:
    """A decimal that is rounded, with fewer digits than it takes."""
    leaves = _leaves(tree)
    turned = tree.kind == "turn" and min(exact.shape) > 1
    for leaf, whole in zip(leaves, (exact.T if turned else exact).ravel(), strict=False):
        if not whole and isinstance(leaf.data, Decimal) and leaf.data.places >= 0:
            shown = abs(Fraction(leaf.data)) * 10**leaf.data.places
            if shown < 10 ** (DIGITS - 1):
                return leaf
    return None


def _named(question: Question | Sealed, value: Value, right: Value, slack: Real) -> str | None:
    """The mistake that gives these numbers."""
    a, b = value.array, right.array

    def fits(other: Real) -> bool:
        if other.shape != a.shape or not np.isfinite(other).all():
            return False
        return bool((np.abs(a - other) <= slack + EXACT * np.maximum(1, np.abs(other))).all())

    if value.kind == right.kind and a.shape == b.shape:
        if fits(-b):
            return "sign"
        if any(fits(s * b) for s in FACTORS):
            return "constant factor"
    if fits(b.T) and not fits(b):
        return "layout"
    if value.scalar != right.scalar:
        return "shape"
    found = [m for m, other in question.numbered if other.kind == value.kind and fits(other.array)] \
        if question.symbols else []
    if found and found[0].cost < CERTAIN:
        return found[0].name
    if a.shape != b.shape:
        return "shape"
    if (b.size > 1 and any(fits(np.roll(b, k, axis)) for k in (1, -1) for axis in (0, 1))) or \
            any(fits(np.flip(b, axis)) for axis in (0, 1)):
        return "off by one"
    near = np.abs(a - b) <= slack + EXACT * np.maximum(1, np.abs(b))
    if b.size > 1 and (~near).sum() == 1:
        return "one entry"
    return found[0].name if found else None

