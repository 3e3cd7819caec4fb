"""jacobian worksheet TOPIC: a worksheet and its key as files."""

from __future__ import annotations

import argparse
import re
import signal
from collections.abc import Iterator
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import contextmanager
from functools import partial
from math import ceil
from multiprocessing import cpu_count, get_context

from rich.console import Console

from jacobian.cli.proofread import proofread
from jacobian.command import Parser
from jacobian.errors import InputError
from jacobian.worksheet.backprop.network import ACTIVATIONS, LOSSES, SAMPLES
from jacobian.worksheet.formulas import Formula
from jacobian.worksheet.notation import LAYOUTS, STACKINGS
from jacobian.worksheet.plan import example
from jacobian.worksheet.render.paper import PAPERS
from jacobian.worksheet.sheet import FORMATS, HINTS, USUAL, Worksheet, worksheet, worksheet_from
from jacobian.worksheet.topics import TOPICS, described
from jacobian.worksheet.variants import Variants

HELP = "write a worksheet and its key"
DESCRIPTION = "Write a worksheet and its key, in any of several formats; every formula and number is checked first."
EXAMPLES = """examples:
  jacobian worksheet backprop --out worksheets
  jacobian worksheet backprop --network 2-3-4-1 --activation relu --loss half-squared --seed 7 --out worksheets
  jacobian worksheet backprop --network 3-4-2 --activation tanh --loss cross-entropy --seed 1 --out worksheets
  jacobian worksheet backprop --network 2-3-3-1 --activation sigmoid,relu --out worksheets
  jacobian worksheet backprop --format pdf,ipynb,tex --paper letter --out worksheets
  jacobian worksheet gradients --format pdf --hints end --out worksheets
  jacobian worksheet backprop --network 2-3-2 --batch 4 --samples columns --out worksheets
  jacobian worksheet backprop --layout denominator --names "z=h, a=y, delta=∂L/∂z" --out worksheets
  jacobian worksheet jacobians --layout denominator --vec columns --out worksheets
  jacobian worksheet shapes chain-rule backprop --level 1-3 --count 12 --points 40 --out worksheets
  jacobian worksheet matrix-calculus "norm2(A*x-b)^2" --wrt x --out worksheets
  jacobian worksheet matrix-calculus --formula "trace(A*X*B)" --wrt X --formula "x'*S*x" --wrt x \\
      --shapes "S: n n symmetric" --given "n = 2" --out worksheets
  jacobian worksheet --topics
  jacobian worksheet --example > questions.toml
  jacobian worksheet --from questions.toml --format html,pdf --out worksheets
  jacobian worksheet backprop --variants 200 --format pdf --out exam
  jacobian worksheet --verify worksheets
"""
NAME = "[a-z]+(-[a-z]+)*"       # of a topic; what looks otherwise is a formula
# What may be said of the formulas, each in turn.
FORMULAS = {
    "--wrt": 'by what a formula is derived: "x", or "W, b"',
    "--shapes": 'its sizes and assumptions: "S: n n symmetric, t: m onehot"',
    "--given": 'its sizes where numbers are asked: "m = 2, n = 3"',
}


SHARE = 4           # variants, for which a process of their own is worth its start


@contextmanager
def workers(most: int) -> Iterator[Executor | None]:
    """Processes, as many as there are cores, that leave Ctrl-C to this one; none where one alone would do."""
    count = min(most, cpu_count() or 1)
    if count < 2:
        yield None
        return
    ours = signal.signal(signal.SIGINT, signal.SIG_IGN)         # what they begin with
    try:
        executor = ProcessPoolExecutor(count, get_context("spawn"), signal.signal, (signal.SIGINT, signal.SIG_IGN))
        executor.submit(bool)                                   # starts them all
    finally:
        signal.signal(signal.SIGINT, ours)
    try:
        yield executor
    finally:
        executor.shutdown(cancel_futures=True)


def arguments(parser: Parser) -> None:
    """What is understood after `jacobian worksheet`."""
    add = parser.add_argument
    add("topic", nargs="*", help=f"what it is about, one or more: {', '.join(TOPICS)}, and a formula for the last")
    add("--topics", action="store_true", help="say what each topic asks, and at which levels")
    add("--from", dest="file", metavar="FILE", help="a sheet of your own, a TOML file, in place of topics")
    add("--example", action="store_true", help="print such a file, in which everything is explained")
    add("--formula", action="append", default=[], metavar="FORMULA",
        help="for matrix-calculus: what to ask about, as in jacobian derive; of several each")
    for option, text in FORMULAS.items():
        add(option, action="append", default=[], metavar="TEXT", help=f"{text}; one for all formulas, or one for each")
    add("--network", default="2-3-4-1", metavar="SIZES", help="sizes of the layers (default 2-3-4-1)")
    add("--activation", default="relu", metavar="NAMES",
        help=f"{', '.join(ACTIVATIONS)} (default relu), or one for each hidden layer with commas between")
    add("--loss", default="half-squared", metavar="NAME", help=f"{', '.join(LOSSES)} (default half-squared)")
    add("--batch", type=int, default=0, metavar="N", help="so many samples at once, with the mean of their losses")
    add("--samples", choices=SAMPLES, default="rows", help="how they lie in the batch (default rows)")
    add("--verify", metavar="DIR",
        help="check every formula and number of the files in a folder by differences, as they stand there")
    sheet_options(parser)


def sheet_options(parser: Parser) -> None:
    """What is understood of any worksheet: which questions and numbers, in which notation, and in which files."""
    add = parser.add_argument
    add("--level", default="", metavar="N", help='only questions of this level, or of these: 2, or "1-3"')
    add("--count", type=int, default=0, metavar="N",
        help="so many questions, spread over topics, levels and kinds (default all)")
    add("--points", type=int, default=0, metavar="N", help="so many points for the whole sheet")
    add("--layout", choices=LAYOUTS, default="",
        help="how derivatives lie: Jacobians as in numerator layout and gradients in the shape of the variable (mixed, "
             "the default), all as in numerator layout, all as in denominator layout")
    add("--vec", choices=STACKINGS, default="", help="which entries of a matrix vec stacks (default rows)")
    add("--names", default="", metavar="PAIRS",
        help='what is called how: "z=h, a=y, L=J" for pre-activation, activation and loss, "delta=∂L/∂z" for signals '
             "without a letter of their own")
    add("--seed", type=int, default=0, metavar="N", help="which numbers; the same seed gives the same sheet")
    add("--variants", type=int, metavar="N",
        help="so many sheets with keys, equally hard, from the seed on, and a booklet of all of them")
    add("--format", default=",".join(USUAL), metavar="NAMES",
        help=f"{', '.join(FORMATS)}: one or more, with commas between (default {','.join(USUAL)})")
    add("--hints", choices=HINTS, default="none", help="where they stand on the sheet; the key has them (default none)")
    add("--paper", choices=PAPERS, default="a4", help="size of the pages of a format that has pages (default a4)")
    add("--force", action="store_true", help="overwrite files that are there already")
    add("--out", default="worksheets", metavar="DIR", help="folder for the files (default worksheets)")


def run(options: argparse.Namespace) -> int:
    """Write the files and say where, or check those that are there."""
    if options.verify is not None:
        if options.topic or options.file:
            raise InputError("--verify DIR checks files that are there: leave topic and --from out")
        return proofread(options.verify)
    if options.topics or options.example:
        print(_topics() if options.topics else example(), end="")
        return 0
    save_sheet(options, _make(options))
    return 0


def save_sheet(options: argparse.Namespace, make: partial[Worksheet]) -> None:
    """Write the files of the sheet that `make` makes, as the options of `sheet_options` say, and print where."""
    make = partial(make, hints=options.hints, layout=options.layout, names=options.names, vec=options.vec,
                   level=options.level, count=options.count, points=options.points)
    formats = [name.strip() for name in options.format.split(",")]
    files = {"folder": options.out, "formats": formats, "paper": options.paper, "force": options.force}
    if options.variants is None:
        with Console(stderr=True).status("making the sheet"):
            paths = make(seed=options.seed).save_all(**files)
    else:
        with workers(ceil(options.variants / SHARE)) as executor:
            paths = Variants(make, options.variants, options.seed, executor, progress=True).save_all(**files)
    for path in paths:
        print(path)


def _make(options: argparse.Namespace) -> partial[Worksheet]:
    """What makes the sheet of the topics, or of the file. Raises InputError where neither is given, or both."""
    named = [word for word in options.topic if re.fullmatch(NAME, word)]
    formulas = _formulas(options, [*(word for word in options.topic if word not in named), *options.formula])
    topics = named or (["matrix-calculus"] if formulas else [])
    if bool(topics) == bool(options.file):
        raise InputError(f"give a topic, one of {', '.join(TOPICS)}, or questions of your own by --from FILE")
    if formulas and "matrix-calculus" not in topics:
        raise InputError(f"a formula, {formulas[0].formula}, is for the topic matrix-calculus: add it to the topics")
    return partial(worksheet_from, options.file) if options.file else partial(
        worksheet, *topics, network=options.network, activation=options.activation, loss=options.loss,
        batch=options.batch, samples=options.samples, formulas=formulas)


def _formulas(options: argparse.Namespace, formulas: list[str]) -> tuple[Formula, ...]:
    """The formulas, each with what is said of it. Raises InputError where that is for none, or for some."""
    count = len(formulas)
    said = {}
    for option in FORMULAS:
        given = getattr(options, option[2:])
        if (given and len(given) not in (1, count)) or (given and not count):
            raise InputError(f"{option} is given {len(given)} times for {count} formulas: give it once for all, or "
                             "once for each")
        said[option] = given * count if len(given) == 1 else given or [""] * count
    return tuple(map(Formula, formulas, said["--shapes"], said["--wrt"], said["--given"]))


def _topics() -> str:
    """The topics: each with a line, and below it its levels and kinds."""
    rows = described()
    width = max(len(name) for name, *_ in rows)
    return "".join(f"{name:{width}}  {line}\n{'':{width}}  levels {levels}: {kinds}\n"
                   for name, line, levels, kinds in rows)
