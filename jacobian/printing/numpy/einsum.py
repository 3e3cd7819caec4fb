"""A structured Jacobian as NumPy source, an array of shape f.shape + x.shape: one np.einsum for each product.

Each kind says which arrays it brings, with which indices: A ⊗ B brings 'ik' and 'jl'. Zeros and ones bring none: an
identity makes two indices one, a commutation exchanges them. Where two free indices are one stands np.eye.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import singledispatch
from math import prod
from typing import Any

import sympy as sp

from jacobian.algebra import (
    Column,
    Commutation,
    Dense,
    Diagonal,
    Embedding,
    Identity,
    Jacobian,
    Kronecker,
    LowRank,
    Product,
    Row,
    Scalar,
    Selection,
    Sum,
    Zero,
)
from jacobian.algebra.entries import Size, count
from jacobian.printing.numpy.program import ATOM, PRODUCT, SIGN, SUM, Code, Program
from jacobian.symbolic.arrays import LIFT, RESHAPE, VEC
from jacobian.symbolic.expr import Expr
from jacobian.symbolic.leaves import expression, is_one
from jacobian.symbolic.operations import SCALE
from jacobian.symbolic.space import Abstract

Sizes = Sequence[Size]
Indices = list[int]


@dataclass
class Term:
    """A product of arrays with indices, summed over those that are not free."""

    program: Program
    sizes: list[Size] = field(default_factory=list)
    leader: list[int] = field(default_factory=list)                     # of the indices that are one
    arrays: list[tuple[Code, Indices]] = field(default_factory=list)
    ones: Indices = field(default_factory=list)                         # indices of arrays of ones
    numbers: list[Code] = field(default_factory=list)
    parts: dict[int, Indices] = field(default_factory=dict)             # of an index that counts several as one

    def new(self, sizes: Sizes) -> Indices:
        """Fresh indices of these sizes."""
        first = len(self.sizes)
        self.sizes += sizes
        self.leader += range(first, len(self.sizes))
        return list(range(first, len(self.sizes)))

    def one(self, i: int) -> int:
        """The index that stands for all that are one with i."""
        while self.leader[i] != i:
            i = self.leader[i]
        return i

    def unite(self, left: Indices, right: Indices) -> None:
        """Make indices one, pair by pair."""
        for i, j in zip(left, right, strict=True):
            first, second = sorted((self.one(i), self.one(j)))
            self.leader[second] = first

    def refined(self, indices: Indices, sizes: Sizes) -> Indices | None:
        """The same indices, each divided into some of these sizes; None where they do not fit."""
        found, rest = Indices(), list(sizes)
        for i in indices:
            k = next((k for k in range(len(rest) + 1) if _equal([prod(rest[:k])], [self.sizes[i]])), None)
            if k is None:
                return None
            if k != 1 and not _equal(self.of(self.parts.setdefault(self.one(i), self.new(rest[:k]))), rest[:k]):
                return None
            found += [i] if k == 1 else self.parts[self.one(i)]
            rest = rest[k:]
        return None if rest else found

    def finest(self, indices: Sequence[int]) -> Indices:
        """The indices that these count, those that are one by one name."""
        found = Indices()
        for i in map(self.one, indices):
            found += self.finest(self.parts[i]) if i in self.parts else [i]
        return found

    def of(self, indices: Indices) -> list[Size]:
        """The sizes of indices."""
        return [self.sizes[i] for i in indices]

    def bring(self, x: Any, *indices: int) -> None:
        """An expression with these indices, reshaped where its own axes are others."""
        x = expression(x)
        while x.operation in (SCALE, VEC, RESHAPE, LIFT):
            if x.operation is SCALE:
                self.numbers.append(self.program.code(x.args[0]))
            x = x.args[-1]
        if is_one(x):
            self.ones += indices
            return
        self.put(_reshaped(self.program, self.program.full(x), x.shape, self.of([*indices])), indices)

    def put(self, code: Code, indices: Sequence[int]) -> None:
        if indices:
            self.arrays.append((code, list(indices)))
        else:
            self.numbers.append(code)

    def pull(self, J: Jacobian, out: Indices, wanted: Sizes) -> Indices:
        """The indices of what J takes, given those of what it makes; of the sizes wanted where J has no own."""
        found = takes(J, self, out, wanted)
        if found is None:
            found = self.new(wanted)
            made, taken = natural(J)
            code = _reshaped(self.program, tensor(J, self.program, made, taken), (*made, *taken),
                             self.of(out + found))
            self.put(code, out + found)
        return found


def _reshaped(program: Program, code: Code, sizes: Sizes, wanted: Sizes) -> Code:
    return code if _equal(sizes, wanted) else Code(f"np.reshape({code}, {program.shape(wanted)})")


def _equal(sizes: Sizes, others: Sizes) -> bool:
    return [sp.expand(n) for n in sizes] == [sp.expand(n) for n in others]


def tensor(J: Jacobian, program: Program, out: Sizes, into: Sizes) -> Code:
    """J as an array of shape out + into."""
    if isinstance(J, Sum):
        terms = [tensor(K, program, out, into) for K in J.terms]
        text = str(terms[0])
        for other in terms[1:]:
            said = other.at(PRODUCT)
            text += f" - {said[1:]}" if said.startswith("-") else f" + {said}"
        return Code(text, SUM)
    if _vanishes(J):
        return Code(f"np.zeros({program.shape((*out, *into))}, {program.dtype()})")
    term = Term(program)
    free = term.new(out)
    taken = term.pull(J, free, into)
    last = term.new(term.of(taken))
    term.unite(last, taken)
    ends = term.finest(free + last)
    return _reshaped(program, _einsum(term, ends), term.of(ends), [*out, *into])


def _vanishes(J: Jacobian) -> bool:
    return isinstance(J, Zero) or (isinstance(J, Product) and any(map(_vanishes, J.factors)))


# ---- what each kind brings -----------------------------------------------------------------------------------------


@singledispatch
def takes(J: Jacobian, term: Term, out: Indices, wanted: Sizes) -> Indices | None:
    """The indices of what J takes; None where it has to stand in its own axes. Any map is its explicit matrix."""
    found = term.new(wanted)
    term.bring(J.matrix(Abstract), *out, *found)
    return found


def natural(J: Jacobian) -> tuple[Sizes, Sizes]:
    """The sizes of the axes that J makes and takes by itself."""
    if isinstance(J, Kronecker):
        (m, n), (p, q) = J.a.shape, J.b.shape
        return (m, p), (n, q)
    if isinstance(J, Commutation):
        return (count(J.n), count(J.m)), (count(J.m), count(J.n))
    if isinstance(J, Embedding):
        return (count(J.n), count(J.n)), (count(J.n),)
    if isinstance(J, Selection):
        return (count(J.n),), (count(J.n), count(J.n))
    if isinstance(J, Product):
        return natural(J.factors[0])[0], natural(J.factors[-1])[1]
    if isinstance(J, Diagonal):
        return J.d.shape, J.d.shape
    return (J.shape[0],), (J.shape[1],)


@takes.register
def _(J: Product, term: Term, out: Indices, wanted: Sizes) -> Indices | None:
    for K, after in zip(J.factors, (*J.factors[1:], None), strict=True):
        out = term.pull(K, out, wanted if after is None else natural(after)[0])
    return out


@takes.register
def _(J: Sum, term: Term, out: Indices, wanted: Sizes) -> Indices | None:
    found = term.new(wanted)
    term.put(tensor(J, term.program, term.of(out), wanted), out + found)
    return found


@takes.register
def _(J: Zero, term: Term, out: Indices, wanted: Sizes) -> Indices | None:
    found = term.new(wanted)
    term.put(tensor(J, term.program, term.of(out), wanted), out + found)
    return found


@takes.register
def _(J: Identity, term: Term, out: Indices, wanted: Sizes) -> Indices | None:
    return out


@takes.register
def _(J: Scalar, term: Term, out: Indices, wanted: Sizes) -> Indices | None:
    term.bring(J.s)
    return out


@takes.register
def _(J: Diagonal, term: Term, out: Indices, wanted: Sizes) -> Indices | None:
    term.bring(J.d, *out)
    return out


@takes.register
def _(J: Dense, term: Term, out: Indices, wanted: Sizes) -> Indices | None:
    found = term.new(wanted)
    term.bring(J.a, *out, *found)
    return found


@takes.register
def _(J: Row, term: Term, out: Indices, wanted: Sizes) -> Indices | None:
    found = term.new(wanted)
    term.bring(J.g, *out, *found)
    return found


@takes.register
def _(J: Column, term: Term, out: Indices, wanted: Sizes) -> Indices | None:
    found = term.new(wanted)
    term.bring(J.x, *out, *found)
    return found


@takes.register
def _(J: LowRank, term: Term, out: Indices, wanted: Sizes) -> Indices | None:
    found = term.new(wanted)
    between = term.new([] if J.u.axes[1] is None else [J.u.axes[1]])
    term.bring(J.u, *out, *between)
    term.bring(J.v, *found, *between)
    return found


@takes.register
def _(J: Kronecker, term: Term, out: Indices, wanted: Sizes) -> Indices | None:
    left = _halves(term.of(out), J.a.shape[0], J.b.shape[0])
    if left is None:
        fine = term.refined(out, finest(J))
        return None if fine is None else takes(J, term, fine, wanted)
    k = _halves(wanted, J.a.shape[1], J.b.shape[1])
    first, second = (wanted[:k], wanted[k:]) if k is not None else [() if n == 1 else (n,) for n in
                                                                     (J.a.shape[1], J.b.shape[1])]
    return term.pull(J.a, out[:left], first) + term.pull(J.b, out[left:], second)


def finest(J: Jacobian) -> Sizes:
    """The sizes of the axes that J makes, where A ⊗ B makes those of A and those of B."""
    return (*finest(J.a), *finest(J.b)) if isinstance(J, Kronecker) else natural(J)[0]


def _halves(sizes: Sizes, m: Size, n: Size) -> int | None:
    """How many of the axes are those of m entries, the rest of n."""
    for k in range(len(sizes) + 1):
        if _equal((prod(sizes[:k]), prod(sizes[k:])), (m, n)):
            return k
    return None


@takes.register
def _(J: Commutation, term: Term, out: Indices, wanted: Sizes) -> Indices | None:
    return out[::-1] if _equal(term.of(out), natural(J)[0]) else None


@takes.register
def _(J: Selection, term: Term, out: Indices, wanted: Sizes) -> Indices | None:
    return out * 2 if _equal(term.of(out), natural(J)[0]) else None


@takes.register
def _(J: Embedding, term: Term, out: Indices, wanted: Sizes) -> Indices | None:
    if not _equal(term.of(out), natural(J)[0]):
        return None
    term.unite(out[:1], out[1:])
    return out[:1]


# ---- np.einsum -------------------------------------------------------------------------------------------------------


def _einsum(term: Term, free: Indices) -> Code:
    """The arrays of the term, multiplied and summed."""
    program = term.program
    arrays = [(_reshaped(program, code, term.of(indices), term.of(term.finest(indices))), term.finest(indices))
              for code, indices in term.arrays]
    ends: Indices = []
    for i in free:
        if i in ends:                                   # two free indices that are one
            [j] = term.new([term.sizes[i]])
            arrays.append((Code(f"np.eye({program.size(term.sizes[i])}, dtype={program.dtype()})"), [i, j]))
            ends.append(j)
        else:
            ends.append(i)
    for i in dict.fromkeys((*term.finest(term.ones), *ends)):
        if not any(i in indices for _, indices in arrays):
            arrays.append((Code(f"np.ones({program.size(term.sizes[i])}, {program.dtype()})"), [i]))
    inner = dict.fromkeys(i for _, indices in arrays for i in indices if i not in ends)
    letters = dict(zip(ends, "ijklmnop", strict=False)) | dict(zip(inner, "rstuvwxyzabcdefgh", strict=False))
    return _scaled(_called(arrays, ends, letters, bool(inner)), term.numbers)


def _called(arrays: list[tuple[Code, Indices]], ends: Indices, letters: dict[int, str], sums: bool) -> Code | None:
    inputs = ["".join(letters[i] for i in indices) for _, indices in arrays]
    output = "".join(letters[i] for i in ends)
    if inputs == [output]:
        return arrays[0][0]
    if inputs == [output[::-1]] and len(output) == 2:
        return Code(f"{arrays[0][0].at(ATOM)}.T")
    if sorted(inputs) == sorted(output) and len(output) == 2:
        first, second = sorted(arrays, key=lambda array: ends.index(array[1][0]))
        return Code(f"np.outer({first[0]}, {second[0]})")
    if not arrays:
        return None
    how = ", optimize=True" if sums and len(arrays) > 1 else ""
    return Code(f"np.einsum('{','.join(inputs)}->{output}', {', '.join(str(code) for code, _ in arrays)}{how})")


def _scaled(array: Code | None, numbers: list[Code]) -> Code:
    minus = sum(code.text == "-1" for code in numbers) % 2
    factors = [code for code in numbers if code.text not in ("-1", "1")] + ([array] if array else [])
    if not factors:
        return Code("-1" if minus else "1", SIGN if minus else ATOM)
    first, *rest = factors
    text = " * ".join([first.at(PRODUCT), *(code.at(SIGN) for code in rest)])
    if minus:
        return Code(f"-{text if rest else first.at(SIGN)}", PRODUCT if rest else SIGN)
    return Code(text, PRODUCT) if rest else first


def derivative(program: Program, J: Jacobian, out: Sizes, x: Expr) -> Code:
    """The array of ∂f/∂x, of shape f.shape + x.shape; of a scalar f the gradient."""
    if isinstance(J, Row) and not out and J.g.shape == x.shape:
        return program.full(J.g)
    return tensor(J, program, out, x.shape)
