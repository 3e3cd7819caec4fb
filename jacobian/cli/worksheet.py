"""jacobian worksheet TOPIC: a worksheet and its key as files."""

from __future__ import annotations

import argparse

from jacobian.command import Parser
from jacobian.worksheet.backprop.network import ACTIVATIONS, LOSSES
from jacobian.worksheet.render.paper import PAPERS
from jacobian.worksheet.sheet import FORMATS, HINTS, USUAL, worksheet
from jacobian.worksheet.topics import TOPICS

HELP = "write a worksheet and its key"
DESCRIPTION = "Write a worksheet and its key, in any of several formats; every formula and number is checked first."
EXAMPLES = """examples:
  jacobian worksheet backprop --out worksheets
  jacobian worksheet backprop --network 2-3-4-1 --activation relu --loss half-squared --seed 7 --out worksheets
  jacobian worksheet backprop --network 3-4-2 --activation tanh --loss cross-entropy --seed 1 --out worksheets
  jacobian worksheet backprop --format pdf,ipynb,tex --paper letter --out worksheets
"""


def arguments(parser: Parser) -> None:
    """What is understood after `jacobian worksheet`."""
    add = parser.add_argument
    add("topic", help=f"what it is about: {', '.join(TOPICS)}")
    add("--network", default="2-3-4-1", metavar="SIZES", help="sizes of the layers (default 2-3-4-1)")
    add("--activation", default="relu", metavar="NAME", help=f"{', '.join(ACTIVATIONS)} (default relu)")
    add("--loss", default="half-squared", metavar="NAME", help=f"{', '.join(LOSSES)} (default half-squared)")
    add("--seed", type=int, default=0, metavar="N", help="which numbers; the same seed gives the same sheet")
    add("--format", default=",".join(USUAL), metavar="NAMES",
        help=f"{', '.join(FORMATS)}: one or more, with commas between (default {','.join(USUAL)})")
    add("--hints", choices=HINTS, default="none", help="where they stand on the sheet; the key has them (default none)")
    add("--paper", choices=PAPERS, default="a4", help="size of the pages of a format that has pages (default a4)")
    add("--force", action="store_true", help="overwrite files that are there already")
    add("--out", default="worksheets", metavar="DIR", help="folder for the files (default worksheets)")


def run(options: argparse.Namespace) -> int:
    """Write the files and say where."""
    made = worksheet(options.topic, network=options.network, activation=options.activation, loss=options.loss,
                     seed=options.seed, hints=options.hints)
    formats = [name.strip() for name in options.format.split(",")]
    for path in made.save_all(options.out, formats, paper=options.paper, force=options.force):
        print(path)
    return 0
