"""mlp train DATA: train a network on a data set, a table or a folder; write its learning curve and its parameters."""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

import jacobian as jac
from mlp import checkpoint, idx, table
from mlp.activations import ACTIVATIONS
from mlp.data import DATA, Data, arrays
from mlp.initialise import INITIALISERS
from mlp.network import Network, choose
from mlp.optimise import OPTIMISERS, ClipNorm, ClipValue, Decay, Optimiser
from mlp.picture import plot, require_picture
from mlp.schedules import SCHEDULES, Chain, Schedule
from mlp.state import FORMATS, require_format
from mlp.train import HELD, Run, Settings, learn, perceptron
from mlp.worded import worded

HELP = "train a classifier, or a regression"
DESCRIPTION = """Train a network of affine layers; write its learning curve and its parameters. DATA is
a data set by name, "fashion" (a folder of IDX files, see --data), such a folder itself,
a table.csv with a header and numbers, or a file.npz with x and t. Tables and npz files
are standardised; the parameters that are written take them as they were."""
EXAMPLES = """examples:
  mlp train digits --optimiser nesterov --rate 0.1 --batch 16 --schedule cosine:length=30
  mlp train fashion --hidden 256-128 --epochs 5 --batch 128
  mlp train flowers.csv --target species --patience 20 --epochs 500
  mlp train houses.csv --target price --decay 1e-4 --clip-norm 1 --format safetensors
  mlp train digits --checkpoint run.npz --resume     go on where a run was stopped
"""
FASHION = "/usr/share/datasets/fashion-mnist"       # of Debian's package dataset-fashion-mnist
LINES = 10                                          # lines of progress where there is no terminal


def _reader(kind: Callable[[str], Any], words: str) -> Callable[[str], Any]:
    def read(text: str) -> Any:
        try:
            return kind(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(f"{words} is expected, but {text!r} was given") from error

    return read


_count = _reader(int, "a whole number")
_number = _reader(float, "a number")


def arguments(parser: jac.Parser) -> None:
    """What is understood after `mlp train`."""
    usual = Settings()
    parser.add_argument("data", metavar="DATA", help=f"{', '.join(DATA)}, fashion, a folder, a .csv or a .npz")
    what = parser.add_argument_group("data")
    what.add_argument("--data", dest="folder", metavar="DIR", help=f"the IDX files of fashion (default {FASHION})")
    what.add_argument("--target", metavar="NAME", help="the column of a table that is to be found")
    what.add_argument("--task", choices=table.TASKS, help="what the target is; else text and few whole numbers are "
                                                          "classes")
    what.add_argument("--drop", default="", metavar="NAMES", help="columns to leave out, divided by commas")
    what.add_argument("--split", type=_count, default=1, metavar="N", help="which samples are held back (default 1)")
    what.add_argument("--precision", choices=("float32", "float64"), help="of all numbers (default as the data)")
    network = parser.add_argument_group("network")
    network.add_argument("--hidden", default=usual.hidden, metavar="SIZES",
                         help=f"hidden units (default {usual.hidden})")
    network.add_argument("--activation", default=usual.activation, metavar="NAME",
                         help=f"{', '.join(ACTIVATIONS)} (default {usual.activation})")
    network.add_argument("--init", metavar="NAME", help=f"{', '.join(INITIALISERS)} (default as the activation asks)")
    steps = parser.add_argument_group("steps")
    add = steps.add_argument
    add("--optimiser", default="adam", metavar="NAME[:CONSTANTS]",
        help=f"{', '.join(OPTIMISERS)} (default adam), as in momentum:momentum=0.95")
    add("--rate", type=_number, metavar="α", help="size of a step (default the optimiser's)")
    add("--schedule", default="constant", metavar="NAME[:CONSTANTS]",
        help=f"{', '.join(SCHEDULES)} (default constant), as in steps:every=10,gamma=0.5; "
             "a product is warm-up*cosine:length=30")
    add("--decay", type=_number, metavar="λ", help="weight decay")
    add("--clip-norm", type=_number, metavar="C", help="the largest norm of a gradient")
    add("--clip-value", type=_number, metavar="C", help="the largest entry of a gradient")
    add("--weights", metavar="W", help="of the classes: balanced, or numbers divided by commas")
    add("--epochs", type=_count, default=usual.epochs, metavar="N",
        help=f"passes through the samples (default {usual.epochs})")
    add("--batch", type=_count, default=usual.batch, metavar="N", help=f"samples a step (default {usual.batch})")
    add("--validation", type=_number, metavar="SHARE", help="share of the samples kept to choose the best epoch by")
    add("--patience", type=_count, metavar="N",
        help=f"stop after N epochs without a better one (by a validation part, {HELD:g} where none is named)")
    add("--seed", type=_count, default=usual.seed, metavar="N",
        help=f"of all random numbers; the same seed gives the same files (default {usual.seed})")
    files = parser.add_argument_group("files")
    files.add_argument("--out", type=Path, default=Path("mlp-run"), metavar="DIR",
                       help="folder for learning-curve.png and the parameters (default mlp-run)")
    files.add_argument("--format", choices=[end[1:] for end in FORMATS], default="npz",
                       help="of the parameters (default npz)")
    files.add_argument("--checkpoint", type=Path, metavar="FILE", help="written after each epoch, an npz file")
    files.add_argument("--resume", action="store_true", help="go on from the checkpoint where it is there")


def run(options: argparse.Namespace) -> int:
    """Train as the options say. Everything that can be refused is refused before the first epoch."""
    settings = _settings(options)
    source = _source(options)
    require_picture()
    require_format(f".{options.format}")
    for place in filter(None, (options.out, options.checkpoint and options.checkpoint.parent)):
        _writable(place)
    if options.resume and options.checkpoint is None:
        raise jac.InputError("to resume is to go on from a checkpoint: name it with --checkpoint FILE")
    data = source()
    if options.precision:
        data = replace(data, **{name: getattr(data, name).astype(options.precision) for name in ("x", "x_test")})
    network = perceptron(data, settings)
    begun = None
    if options.resume and options.checkpoint.exists():
        begun = checkpoint.load(options.checkpoint, network, data, settings)
    _begin(options, data, network, settings, begun)
    clock = time.perf_counter()
    last = _train(options, data, network, settings, begun)
    _end(options, data, network, last, time.perf_counter() - clock)
    return 0


# ---- what was asked for --------------------------------------------------------------------------------------------


def _settings(options: argparse.Namespace) -> Settings:
    optimiser: Optimiser = worded(OPTIMISERS, options.optimiser, "the optimiser")
    for row, value in ((Decay, options.decay), (ClipValue, options.clip_value), (ClipNorm, options.clip_norm)):
        optimiser = optimiser if value is None else row(optimiser, value)
    parts: tuple[Schedule, ...] = tuple(worded(SCHEDULES, part.strip(), "the schedule")
                                        for part in options.schedule.split("*"))
    if options.init is not None:
        choose(INITIALISERS, options.init, "the initialisation")
    weights = options.weights
    if weights not in (None, "balanced"):
        try:
            weights = tuple(float(part) for part in weights.split(","))
        except ValueError as error:
            raise jac.InputError(f"--weights is balanced, or numbers as in 1,2.5, but not {weights!r}") from error
    return Settings(options.hidden, options.activation, options.epochs, options.batch, options.rate, options.seed,
                    optimiser, parts[0] if len(parts) == 1 else Chain(parts), options.init, options.validation,
                    options.patience, weights)


def _source(options: argparse.Namespace) -> Callable[[], Data]:
    """What reads the data that were asked for."""
    name, drop = options.data, [part.strip() for part in options.drop.split(",") if part.strip()]
    if name.endswith(".csv"):
        if options.target is None:
            raise jac.InputError(f"which column of {name} is to be found? Name it with --target NAME")
        return lambda: table.load(name, options.target, task=options.task, drop=drop, seed=options.split)
    for option in ("target", "task", "drop"):
        if getattr(options, option):
            raise jac.InputError(f"--{option} is for a table that ends in .csv, not for {name}")
    if name == "fashion" or os.path.isdir(name):
        return lambda: idx.folder(options.folder or (FASHION if name == "fashion" else name))
    if options.folder is not None:
        raise jac.InputError(f"--data is for fashion, not for {name}")
    if name.endswith(".npz"):
        return lambda: arrays(name, options.split)
    row = choose({**DATA, "fashion": None, "a folder of IDX files": None, "a file .csv or .npz": None}, name,
                 "the data set")
    return lambda: row(options.split)


def _writable(folder: Path) -> None:
    """Raise InputError unless files can be made in the folder, or the folder itself can be made."""
    there = next(place for place in (folder, *folder.absolute().parents) if os.path.exists(place))
    if not os.path.isdir(there) or not os.access(there, os.W_OK | os.X_OK):
        reason = "may not be written to" if os.path.isdir(there) else "is not a folder"
        raise jac.InputError(f"nothing can be written into {folder}, because {there} {reason}: choose another place")


# ---- what is done and said -----------------------------------------------------------------------------------------


def _begin(options: argparse.Namespace, data: Data, network: Network, settings: Settings, begun: Run | None) -> None:
    print(f"{options.data}: {len(data.t)} samples to learn from, {len(data.t_test)} held back; "
          f"network {'-'.join(map(str, network.sizes))}, {settings.activation}, rate {settings.alpha:g}, "
          f"seed {settings.seed}")
    if data.labels:
        print(f"classes: {', '.join(data.labels)}")
    if begun is not None:
        print(f"going on after epoch {len(begun.epochs)}")


def _train(options: argparse.Namespace, data: Data, network: Network, settings: Settings, begun: Run | None) -> Run:
    """Where training ended; a checkpoint is written after each epoch."""
    last = begun
    for last in _shown(learn(network, data, settings, begun), settings.epochs, _score(data), Console()):
        if options.checkpoint is not None:
            checkpoint.save(options.checkpoint, network, data, settings, last)
    assert last is not None, "there is at least one epoch"
    return last


def _end(options: argparse.Namespace, data: Data, network: Network, last: Run, seconds: float) -> None:
    best, score = last.chosen, _score(data)
    sizes, number = "-".join(map(str, network.sizes)), f"{best.test_score:.4f}"
    params = last.best if data.scaling is None else data.scaling.fold(network, last.best)
    loss = "half the squared error" if data.classes is None else "cross-entropy"
    picture = plot(last.epochs, f"{options.data}, {sizes}: {score} {number} on the samples held back", loss, score)
    paths = jac.write_all({options.out / "learning-curve.png": picture,
                           options.out / f"parameters.{options.format}":
                               FORMATS[f".{options.format}"][0](network.named(params))})
    if not np.isnan(best.validation_loss):
        print(f"best of {len(last.epochs)} epochs: {best.i}, loss {best.validation_loss:.5g} on the validation part")
    print(f"loss {best.loss:.5g} in training, {best.test_loss:.5g} on the samples held back; {seconds:.1f} s")
    print(f"test {score} {number}")
    print("written: " + ", ".join(map(str, paths)))


def _score(data: Data) -> str:
    return "R²" if data.classes is None else "accuracy"


def _shown(runs: Iterator[Run], count: int, score: str, out: Console) -> Iterator[Run]:
    """The same runs, shown as they come: a bar on a terminal, else a line now and then."""
    def state(run: Run) -> str:
        return f"loss {run.epochs[-1].loss:.5g}, {score} {run.epochs[-1].test_score:.4f}"

    if not out.is_terminal:
        shown = {1, count, *range(0, count, max(1, count // LINES))}
        for run in runs:
            if len(run.epochs) in shown:
                print(f"epoch {len(run.epochs)} of {count}: {state(run)}", flush=True)
            yield run
        return
    columns = (TextColumn("epoch"), MofNCompleteColumn(), BarColumn(), TextColumn("{task.description}"),
               TimeRemainingColumn(), TextColumn("left"))
    with Progress(*columns, console=out) as bar:
        task = bar.add_task("", total=count)
        for run in runs:
            bar.update(task, completed=len(run.epochs), description=state(run))
            yield run
