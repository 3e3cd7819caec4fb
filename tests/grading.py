"""The figures of jac.grade: right answers accepted, misconceptions named, wrong ones accepted, what an answer takes.

python tests/grading.py                        the table
python tests/grading.py --each                 and every answer whose verdict is not the one that it deserves
python tests/grading.py --seeds 10             with more seeds for the generated mistakes (a minute each)
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
import time
from collections.abc import Iterator
from functools import cache
from statistics import median

import numpy as np
from answers import KINDS, Answer, Block, blocks
from answers.oracle import is_right
from answers.printed import SYNTAXES
from rich.console import Console
from rich.progress import track
from rich.table import Table

from jacobian.worksheet.answers.compare import is_right as right_value
from jacobian.worksheet.answers.grade import grade
from jacobian.worksheet.answers.mistakes import MISTAKES
from jacobian.worksheet.answers.node import Node
from jacobian.worksheet.answers.question import Question
from jacobian.worksheet.answers.table import mutants
from jacobian.worksheet.answers.values.reading import PAPER
from jacobian.worksheet.answers.values.run import Run
from jacobian.worksheet.answers.verdict import Verdict

console = Console(width=160)
Printed = tuple[Question, str, str, Node]       # a mistake: the question, the syntax, the text, the tree
CORPORA = ("first", "second", "third")
AT_LEAST = {"first": {"right": 0.98, "wrong": 0.98, "malformed": 1.0, "ambiguous": 1.0},
            "second": {"right": 0.98, "wrong": 0.97, "malformed": 1.0, "ambiguous": 1.0},
            "third": {"right": 0.98, "wrong": 0.95, "malformed": 1.0, "ambiguous": 1.0}}


@cache
def question(corpus: str, name: str) -> Question:
    return next(block for block in blocks(corpus) if block.name == name).question()


def deserved(answer: Answer, verdict: Verdict) -> bool:
    """Whether the verdict is the one that the corpus asks for."""
    match answer.kind:
        case "right" | "equivalent":
            return verdict.ok
        case "wrong":
            return verdict.verdict == "wrong" and verdict.mistake in answer.names
        case "ambiguous":
            return verdict.verdict == "unclear"
    return verdict.verdict == "unclear" and bool(verdict.feedback) and overlaps(answer, verdict.where)


def overlaps(answer: Answer, where: tuple[int, int] | None) -> bool:
    """Whether the place that was named touches the part that cannot be understood."""
    if where is None:
        return False
    places = [k for k in range(len(answer.text) + 1) if answer.text.startswith(answer.part, k)]
    return any(k <= where[1] and where[0] <= k + len(answer.part) for k in places)


def graded(corpus: str) -> Iterator[tuple[Answer, Verdict, float]]:
    """Each answer with its verdict and the seconds that it took."""
    for block in blocks(corpus):
        asked = question(corpus, block.name)
        for answer in block.answers:
            start = time.process_time()
            verdict = grade(asked, answer.text)
            yield answer, verdict, time.process_time() - start


def mistaken(corpus: str, block: Block, seed: int, most: int | None = None) -> Iterator[Printed]:
    """Every mistake of the table in a right answer, printed: question, syntax, text, tree."""
    asked = question(corpus, block.name)
    asked = dataclasses.replace(asked, seed=seed) if seed else asked
    context = asked.context(asked.resolved)
    trees = [tree for _, tree, _ in mutants(asked.resolved, MISTAKES, context)
             if not right_value([Run(point, PAPER)(tree) for point in asked.points], asked.rights)]
    chosen = np.random.default_rng(seed).permutation(len(trees))[:most]
    for k in chosen:
        tree = scaled(trees[k], Run(asked.points[0], PAPER).all(trees[k]))
        for syntax, printer in SYNTAXES.items():
            yield asked, syntax, printer(tree), tree


def scaled(tree: Node, values: dict[Node, object]) -> Node:
    """The tree with the products of scalars as products entry by entry, which NumPy and MATLAB write so."""
    args = tuple(scaled(arg, values) for arg in tree.args)
    single = tree.kind == "product" and any(values[arg].scalar for arg in tree.args)
    return dataclasses.replace(tree, kind="times" if single else tree.kind, args=args)


def justified(asked: Question, syntax: str, tree: Node) -> bool:
    """Whether the syntax's own meaning makes a mistake right: a transposed vector is the same in NumPy."""
    def flat(array: np.ndarray, ways: tuple[bool, bool]) -> np.ndarray:
        return array.reshape([n for n, there in zip(array.shape, ways, strict=True) if there])

    for point, right in zip(asked.points, asked.rights, strict=True):
        columns = {name: float(x.array.item()) if x.scalar else x.array for name, x in point.items()}
        vectors = {name: flat(x.array, x.kind) if not x.scalar else float(x.array.item()) for name, x in point.items()}
        as_columns = is_right(tree, columns, right.array)
        as_vectors = syntax == "NumPy" and is_right(tree, vectors, flat(right.array, right.kind))
        if syntax == "LaTeX" or not (as_columns or as_vectors):
            return False
    return True


def formulas() -> list[tuple[str, Block]]:
    return [(corpus, b) for corpus in CORPORA for b in blocks(corpus) if b.fields.get("asks", "formula") == "formula"]


def generated(seeds: int, each: bool) -> list[tuple[str, str]]:
    """How many generated mistakes are accepted, of all in all syntaxes."""
    count = accepted = named = 0
    for corpus, block in track(formulas(), "generated mistakes", console=console, transient=True):
        for seed in range(seeds):
            for asked, syntax, text, tree in mistaken(corpus, block, seed):
                verdict = grade(asked, text)
                count += 1
                named += verdict.verdict == "wrong" and verdict.mistake not in (None, "sizes")
                if verdict.ok and not justified(asked, syntax, tree):
                    accepted += 1
                    if each:
                        console.print(f"  accepted: {block.name}, {syntax}: {text}", markup=False)
    return [("generated mistakes accepted", f"{accepted} of {count}"),
            ("generated mistakes named", f"{100 * named / count:.1f} %")]


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--each", action="store_true", help="print every verdict that is not the deserved one")
    parser.add_argument("--seeds", type=int, default=1, help="for the generated mistakes; 0 leaves them out")
    options = parser.parse_args(words)
    table = Table("figure", *CORPORA)
    found = {corpus: list(graded(corpus)) for corpus in CORPORA}
    for kind in dict.fromkeys(KINDS.values()):
        cells = []
        for corpus in CORPORA:
            rows = [(a, v) for a, v, _ in found[corpus] if a.kind == kind]
            good = sum(deserved(a, v) for a, v in rows)
            cells.append(f"{100 * good / len(rows):.1f} % of {len(rows)}" if rows else "–")
            for a, v in rows if options.each else ():
                if not deserved(a, v):
                    console.print(f"  {a.question}, {a.kind} {a.names or ''}: {a.text} -> {v}", markup=False)
        table.add_row({"wrong": "wrong, misconception named first"}.get(kind, kind), *cells)
    table.add_row("wrong accepted", *(str(sum(v.ok for a, v, _ in found[c] if a.kind == "wrong")) for c in CORPORA))
    for word, pick in (("median", median), ("most", max)):
        table.add_row(f"time of an answer, {word}", *(f"{1e3 * pick(t for *_, t in found[c]):.1f} ms" for c in CORPORA))
    for figure, value in generated(options.seeds, options.each) if options.seeds else ():
        table.add_row(figure, value, "")
    console.print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
