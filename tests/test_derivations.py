"""The pages about the notes: every verdict follows from its evidence, and the evidence can fail."""

import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import jacobian as jac
from derivations.__main__ import main
from derivations.claim import Claim, Finding, Reading
from derivations.correction import defined, derived
from derivations.pages import Page, pages
from derivations.point import Point, partials

EQUATIONS = 37          # in the notes, counted from the top
WRONG = {"3.2", "4.3", "6.2", "6.5", "6.6", "6.10", "6.12", "6.14", "6.15", "6.16", "6.17", "7.5", "7.7", "8.1"}
AMBIGUOUS = {"2.2", "4.6", "5.5", "6.7", "6.8", "6.11", "7.2", "7.4"}


def claims() -> list[Claim]:
    return [claim for page in pages() for claim in page.claims]


def every(verdict: str) -> list[Claim]:
    return [claim for claim in claims() if claim.verdict == verdict]


def failures() -> Iterator[tuple[Claim, Finding]]:
    for claim in claims():
        yield from ((claim, found) for found in claim.findings if not found.agrees)


def perturbed(reading: Reading) -> Reading:
    """The same claim, off by a little in one entry."""
    def off(at: Point) -> np.ndarray:
        value = np.array(at(reading.claimed), dtype=float)
        value.reshape(-1)[0] += 1e-3
        return value

    return replace(reading, claimed=off)


# ---- the pages -----------------------------------------------------------------------------------------------------


def test_there_is_a_page_for_each_section_of_the_notes() -> None:
    assert [page.number for page in pages()] == [f"{k:02}" for k in range(1, 9)]


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.path.stem)
def test_a_page_runs_and_prints_each_of_its_claims(page: Page) -> None:
    assert page.output.strip()
    for claim in page.claims:
        assert str(claim) in page.output
        assert claim.number.startswith(f"{int(page.number)}.")


def test_a_page_runs_by_its_file_name() -> None:
    path = pages()[2].path
    done = subprocess.run([sys.executable, path], capture_output=True, text=True, timeout=60, encoding="utf-8")
    assert (done.returncode, done.stdout) == (0, pages()[2].output)


def test_every_equation_of_the_notes_is_claimed() -> None:
    assert {k for claim in claims() for k in claim.equations} == set(range(1, EQUATIONS + 1))


def test_numbers_of_claims_are_unique_and_in_order() -> None:
    numbers = [tuple(map(int, claim.number.split("."))) for claim in claims()]
    assert numbers == sorted(set(numbers))


# ---- verdicts ------------------------------------------------------------------------------------------------------


def test_verdicts_are_those_that_the_prose_speaks_of() -> None:
    assert {claim.number for claim in every("wrong")} == WRONG
    assert {claim.number for claim in every("ambiguous")} == AMBIGUOUS


def test_a_verdict_follows_from_the_findings() -> None:
    for claim in claims():
        agree = [found.agrees for reading, found in zip(claim.readings, claim.findings, strict=True)
                 if not reading.mended]
        assert (claim.verdict == "right") == all(agree), claim.number
        assert (claim.verdict == "wrong") == (not any(agree)), claim.number


def test_what_is_mended_does_not_make_a_claim_right() -> None:
    """Equation (36) holds once g is g′ and the row a column; neither change alone is enough."""
    claim = next(claim for claim in claims() if claim.number == "7.7")
    tried = {r.note.removeprefix("mended: "): f.agrees for r, f in zip(claim.readings, claim.findings, strict=True)}
    assert claim.verdict == "wrong"
    assert not tried["g′ for g"]
    assert not tried["the row a column"]
    assert tried["g′ for g, the row a column"]
    assert replace(claim, readings=tuple(replace(r, mended=False) for r in claim.readings)).verdict == "ambiguous"


def test_every_verdict_stands_at_another_seed() -> None:
    assert [problem for claim in claims() for problem in claim.problems(seed=0)] == []
    assert {claim.number: claim.judged(1) for claim in claims()} == {claim.number: claim.verdict for claim in claims()}


def test_a_reading_that_fails_has_numbers_or_shapes_that_differ() -> None:
    for claim, found in failures():
        if found.claimed is None:
            assert "shapes do not fit" in found.reason, claim.number
        elif found.claimed.shape == found.derived.shape:
            assert not np.allclose(found.claimed, found.derived), claim.number


def test_a_counterexample_in_numbers_can_be_computed_by_hand() -> None:
    for claim, found in failures():
        if found.where:
            assert found.smooth, claim.number
            assert found.derived.size <= 30, claim.number
            assert np.all(np.abs(found.derived) < 1e5), claim.number


def test_the_derivation_behind_each_claim_checks() -> None:
    for claim in claims():
        assert claim.correct.derivation.checked() is claim.correct.derivation
        assert "=" in claim.correct.text(), claim.number
        assert "=" in claim.correct.latex(), claim.number


# ---- the mechanism can fail ----------------------------------------------------------------------------------------


def test_the_derived_in_place_of_the_claimed_makes_it_right() -> None:
    for claim in (*every("wrong"), *every("ambiguous")):
        mended = replace(claim, readings=tuple(replace(reading, claimed=reading.derived) for reading in claim.readings))
        assert mended.judged(0) == "right", claim.number


def test_a_small_error_in_a_right_claim_makes_it_wrong() -> None:
    for claim in every("right"):
        assert replace(claim, readings=tuple(map(perturbed, claim.readings))).judged(0) == "wrong", claim.number


def test_a_correction_that_does_not_hold_is_a_problem() -> None:
    A, x = jac.symbols("A: m n, x: n")
    d = jac.derive(A @ x, x)
    false = jac.Derivation(d.goal, d.wrt, d.steps, {x: d.jacobian + d.jacobian})
    claim = Claim("0.1", "", "", (Reading(d.value, d.value),), derived(false))
    assert "does not hold" in next(claim.problems())
    with pytest.raises(jac.CheckFailed):
        claim.correct.text()


def test_a_claim_that_does_not_multiply_is_wrong_for_the_reason_of_the_shape_error() -> None:
    A, x = jac.symbols("A: m n, x: n")
    with pytest.raises(jac.ShapeError) as refused:
        A @ A
    claim = Claim("0.2", "", "", (Reading(lambda at: A @ A, A),), defined(jac.name("y", A @ x)))
    assert claim.verdict == "wrong"
    assert str(refused.value) in claim.findings[0].reason


def test_partial_derivatives_are_those_of_the_derivation() -> None:
    A, x = jac.symbols("A: m n, x: n")
    y, at = jac.tanh(A @ x) * (A @ x), Point(1)
    assert np.allclose(partials(y, x, at), at(jac.derive(y, x).value))


# ---- the command line ----------------------------------------------------------------------------------------------


def test_the_table_lists_every_claim_and_the_status_is_0(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    shown = capsys.readouterr().out
    assert all(claim.number in shown for claim in claims())
    assert f"{len(claims())} claims" in shown


def test_a_problem_makes_the_status_1(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(Claim, "problems", lambda claim, seed: iter([f"{claim.number}: not so"]))
    assert main([]) == 1
    assert "2.1: not so" in capsys.readouterr().out


def test_a_page_is_printed_in_full(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["7"]) == 0
    assert capsys.readouterr().out == pages()[6].output


@pytest.mark.parametrize("arguments", [["99"], ["07", "08"], ["--seed", "x"], ["--seed=-1"]])
def test_what_is_not_there_is_one_sentence_and_status_2(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    shown = capsys.readouterr()
    assert shown.out == ""
    assert re.fullmatch(r"derivations: [^\n]+\n", shown.err)


def test_the_module_runs_as_a_program() -> None:
    done = subprocess.run([sys.executable, "-m", "derivations", "99"], capture_output=True, text=True, timeout=60,
                          cwd=Path(__file__).parent.parent, encoding="utf-8")
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)


def test_help_shows_examples(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["--help"])
    assert left.value.code == 0
    assert "python -m derivations 07" in capsys.readouterr().out
