"""The command line: mlp train …"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

import jacobian as jac
from mlp.activations import ACTIVATIONS
from mlp.data import DATA
from mlp.network import choose
from mlp.train import Epoch, Settings, classifier, learn, pack, plot, require_picture

LINES = 10      # lines of progress where there is no terminal

EXAMPLES = """examples:
  mlp train digits                                       256 hidden units; 98 % of the images held back are right
  mlp train digits --hidden 64-32 --activation tanh --rate 0.1
  mlp train digits --epochs 80 --batch 32 --rate 0.2 --seed 7 --out results
"""


def parser() -> jac.Parser:
    """mlp train DATA [options]."""
    whole = jac.Parser(prog="mlp", epilog=EXAMPLES, description="Networks whose backward steps are Jacobian products.",
                   formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = whole.add_subparsers(dest="command", required=True, metavar="COMMAND")
    row = commands.add_parser("train", help="train a classifier", epilog=EXAMPLES,
                              description="Train a classifier; write its learning curve and its parameters.",
                              formatter_class=argparse.RawDescriptionHelpFormatter)
    usual = Settings()
    row.add_argument("data", help=f"the data set: {', '.join(DATA)}")
    row.add_argument("--hidden", default=usual.hidden, metavar="SIZES", help=f"hidden units (default {usual.hidden})")
    row.add_argument("--activation", default=usual.activation, metavar="NAME",
                     help=f"{', '.join(ACTIVATIONS)} (default {usual.activation})")
    row.add_argument("--epochs", type=_count, default=usual.epochs, metavar="N",
                     help=f"passes through the samples (default {usual.epochs})")
    row.add_argument("--batch", type=_count, default=usual.batch, metavar="N",
                     help=f"samples a step (default {usual.batch})")
    row.add_argument("--rate", type=_number, default=usual.rate, metavar="α",
                     help=f"size of a step (default {usual.rate})")
    row.add_argument("--seed", type=_count, default=usual.seed, metavar="N",
                     help=f"of all random numbers; the same seed gives the same files (default {usual.seed})")
    row.add_argument("--out", type=Path, default=Path("mlp-run"), metavar="DIR",
                     help="folder for learning-curve.png and parameters.npz (default mlp-run)")
    return whole


def _reader(kind: Callable[[str], Any], words: str) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        try:
            return kind(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(f"{words} is expected, but {text!r} was given") from error

    return read


_count = _reader(int, "a whole number")
_number = _reader(float, "a number")


def run(given: argparse.Namespace) -> None:
    """Train as the arguments say. Everything that can be refused is refused before the first epoch."""
    source = choose(DATA, given.data, "the data set")
    settings = Settings(given.hidden, given.activation, given.epochs, given.batch, given.rate, given.seed)
    require_picture()
    _writable(given.out)
    data = source()
    network = classifier(data, settings)
    sizes = "-".join(map(str, network.sizes))
    print(f"{given.data}: {len(data.t)} samples to learn from, {len(data.t_test)} held back; "
          f"network {sizes}, {settings.activation}, rate {settings.rate:g}, seed {settings.seed}")
    epochs = list(_shown(learn(network, data, settings), settings.epochs, Console()))
    last = epochs[-1]
    title = f"{given.data}, {sizes} {settings.activation}: {last.test_accuracy:.1%} of the samples held back are right"
    paths = jac.write_all({given.out / "learning-curve.png": plot(epochs, title),
                           given.out / "parameters.npz": pack(network.named(last.params))})
    print(f"loss {last.loss:.4f} in training, {last.test_loss:.4f} on the samples held back")
    print(f"test accuracy {last.test_accuracy:.4f}")
    print("written: " + ", ".join(map(str, paths)))


def _shown(epochs: Iterator[Epoch], count: int, out: Console) -> Iterator[Epoch]:
    """The same epochs, shown as they come: a bar on a terminal, else a line now and then."""
    if not out.is_terminal:
        shown = {1, count, *range(0, count, max(1, count // LINES))}
        for epoch in epochs:
            if epoch.i in shown:
                print(f"epoch {epoch.i} of {count}: {_state(epoch)}", flush=True)
            yield epoch
        return
    columns = (TextColumn("epoch"), MofNCompleteColumn(), BarColumn(), TextColumn("{task.description}"),
               TimeRemainingColumn(), TextColumn("left"))
    with Progress(*columns, console=out) as bar:
        task = bar.add_task("", total=count)
        for epoch in epochs:
            bar.update(task, completed=epoch.i, description=_state(epoch))
            yield epoch


def _state(epoch: Epoch) -> str:
    return f"loss {epoch.loss:.4f}, accuracy {epoch.test_accuracy:.4f}"


def _writable(folder: Path) -> None:
    """Raise InputError unless files can be made in the folder, or the folder itself can be made."""
    there = next(place for place in (folder, *folder.absolute().parents) if os.path.exists(place))
    if not os.path.isdir(there) or not os.access(there, os.W_OK | os.X_OK):
        reason = "may not be written to" if os.path.isdir(there) else "is not a folder"
        raise jac.InputError(f"nothing can be written into {folder}, because {there} {reason}: choose another --out")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; returns the exit status. Bad input is an InputError."""
    run(parser().parse_args(arguments))
    return 0
