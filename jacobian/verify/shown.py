"""A report as JSON for machines, as HTML for notebooks, as a picture: claimed, numeric, difference over its bound."""

from __future__ import annotations

import json
from dataclasses import asdict
from html import escape
from typing import TYPE_CHECKING, Any

import numpy as np

from jacobian.errors import InputError, extra
from jacobian.numeric.function import Real
from jacobian.verify.table import TALL, WIDE, indices, largest, pick, surplus

if TYPE_CHECKING:
    from jacobian.verify.report import Report

HEADINGS = ("claimed", "numeric", "difference / bound")
WRONG, RIGHT = "#f4b6a6", "transparent"
STYLE = "border:1px solid #999;padding:2px 6px;text-align:right;font-family:monospace;background:"


def as_json(report: Report) -> str:
    """The report as a JSON object; arrays are nested lists, what is no finite number is a string: "nan", "inf"."""
    where = None if report.where is None else asdict(report.where)
    return json.dumps({
        "verdict": report.verdict, "claim": report.claim, "sentence": report.sentence, "notes": report.notes,
        "error": _plain(report.error), "bound": _plain(report.bound), "where": _plain(where),
        "causes": _plain([asdict(cause) for cause in report.causes]), "inputs": report.names,
        "wrong": _plain(report.wrong), "evaluations": report.evaluations, "x": _plain(report.x),
        "claimed": _plain(report.claimed), "numeric": _plain(report.numeric), "allowed": _plain(report.allowed),
    }, ensure_ascii=False, allow_nan=False)


def _plain(value: Any) -> Any:
    """What JSON knows."""
    if isinstance(value, dict):
        return {key: _plain(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(part) for part in value]
    if isinstance(value, (np.ndarray, np.generic)):
        return _plain(value.tolist())
    if isinstance(value, float) and not np.isfinite(value):
        return str(value)
    return value


def as_html(report: Report) -> str:
    """The sentences, and three tables side by side for each input; what is off by more than its bound is coloured."""
    words = report.sentences()
    tables = "".join(f"<tr>{''.join(map(_cell, matrices))}</tr>" for matrices in _grids(report))
    head = "".join(f'<th scope="col">{escape(word)}</th>' for word in HEADINGS)
    shown = f"<table><thead><tr>{head}</tr></thead><tbody>{tables}</tbody></table>" if tables else ""
    return f"<div>{''.join(f'<p>{escape(word)}</p>' for word in words)}{shown}</div>"


def _cell(matrix: tuple[list[str], list[str], list[list[str]], Any]) -> str:
    rows, columns, cells, wrong = matrix
    head = "".join(f'<th scope="col">{escape(column)}</th>' for column in columns)
    body = "".join(
        f'<tr><th scope="row">{escape(row)}</th>'
        + "".join(f'<td style="{STYLE}{WRONG if bad else RIGHT}">{escape(cell)}</td>'
                  for cell, bad in zip(line, marks, strict=True)) + "</tr>"
        for row, line, marks in zip(rows, cells, wrong, strict=True))
    return f"<td><table><thead><tr><th></th>{head}</tr></thead><tbody>{body}</tbody></table></td>"


def _grids(report: Report) -> list[list[tuple[list[str], list[str], list[list[str]], Any]]]:
    """For each input the three tables, of large ones the rows and columns with the worst entries."""
    if report.allowed is None or report.where is None:
        return []
    found = []
    for k in range(len(report.numeric) if isinstance(report.numeric, tuple) else 1):
        matrices, out, into = _matrices(report, k)
        if matrices[0].size == 0:
            continue
        rows, columns = largest(matrices[2].max(axis=1), TALL), largest(matrices[2].max(axis=0), WIDE)
        at = np.ix_(rows, columns)
        name = report.names[k]
        heads = ([f"y{_place(out, i)}" for i in rows], [f"{name}{_place(into, j)}" for j in columns])
        found.append([(*heads, [[f"{entry + 0.0:.4g}" for entry in line] for line in matrix[at]], matrices[2][at] > 1)
                      for matrix in matrices])
    return found


def _matrices(report: Report, k: int) -> tuple[list[Real], tuple[int, ...], tuple[int, ...]]:
    """Claimed, numeric and |difference| / bound of input k as matrices (m, n), and the shapes of y and of the input."""
    assert report.where is not None
    width = len(report.where.output)
    claimed, found, allowed = (pick(blocks, k) for blocks in (report.claimed, report.numeric, report.allowed))
    out, into = found.shape[:width], found.shape[width:]
    size = int(np.prod(out)), int(np.prod(into))
    return [a.reshape(size) for a in (claimed, found, surplus(claimed, found, allowed))], out, into


def _place(shape: tuple[int, ...], place: int) -> str:
    return indices(np.unravel_index(place, shape)) if shape else ""


def plot(report: Report) -> Any:
    """A figure: a row of three heat maps for each input; of the third, log₁₀ |difference| / bound, red is wrong.

    Raises MissingExtra where matplotlib, the extra "plot", is not installed, and InputError where shapes do not fit.
    """
    if report.allowed is None or report.where is None:
        raise InputError(f"there is nothing to draw: {report.sentence}")
    count = len(report.numeric) if isinstance(report.numeric, tuple) else 1
    figure = extra("matplotlib.figure", "plot", "a picture of a report").Figure(figsize=(9, 3 * count),
                                                                                layout="constrained")
    figure.suptitle(report.sentence, wrap=True, fontsize="medium", parse_math=False)
    for k, row in enumerate(figure.subplots(count, len(HEADINGS), squeeze=False)):
        matrices, _, _ = _matrices(report, k)
        most = max(np.abs(matrix[np.isfinite(matrix)]).max(initial=0.0) for matrix in matrices[:2]) or 1.0
        off = np.log10(np.clip(matrices[2], 1e-3, 1e3))
        for axes, matrix, heading in zip(row, [*matrices[:2], off], HEADINGS, strict=True):
            limit = most if matrix is not off else 3.0
            image = axes.imshow(matrix, cmap="RdBu_r", vmin=-limit, vmax=limit, aspect="auto")
            axes.set_title(f"log₁₀ {heading}" if matrix is off else heading)
            axes.set_xlabel(report.names[k], parse_math=False)
            axes.set_ylabel("y")
            axes.locator_params(integer=True)
            figure.colorbar(image, ax=axes)
    return figure
