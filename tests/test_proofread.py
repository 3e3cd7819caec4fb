"""`jacobian worksheet --verify`: produced files pass; altered ones fail, and the line that was altered is named."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from pathlib import Path

import pytest
from altered import ALTER, altered

import jacobian as jac
from jacobian.cli import main
from jacobian.derivation.derivation import Derivation
from jacobian.symbolic import elementwise
from jacobian.worksheet.proofread.check import check
from jacobian.worksheet.proofread.claims import Tally
from jacobian.worksheet.proofread.folder import READ, verify
from jacobian.worksheet.proofread.grammar import equations
from jacobian.worksheet.proofread.read.text import text
from jacobian.worksheet.sheet import rendered, worksheet_from
from jacobian.worksheet.topics import TOPICS

SOME = ("backprop", "diagonal", "sgd", "total-derivative")
SLOWLY = [topic if topic in SOME else pytest.param(topic, marks=pytest.mark.slow) for topic in TOPICS]
PLAIN = [ending for ending in READ if ending != ".ipynb"]
CHOICES = [("relu", "mse", "2-3-1"), ("sigmoid", "cross-entropy", "3-2-2"), ("tanh", "half-squared", "2-2-2-1"),
           ("leaky-relu", "half-squared", "2-3-2"), ("relu", "half-squared", "3-1")]


@lru_cache
def made(topic: str) -> jac.Worksheet:
    return jac.worksheet(topic, seed=3)


def tally(source: str, ending: str = ".txt") -> Tally:
    return check(READ[ending](source))


def written(sheet: jac.Worksheet, ending: str, key: bool = True) -> str:
    return str(rendered(sheet.key if key else sheet.sheet, ending[1:], "a4"))


@pytest.fixture(scope="module")
def keys() -> dict[str, str]:
    return {topic: written(made(topic), ".txt") for topic in (*SOME, "chain-rule")}


@pytest.mark.parametrize("topic", SLOWLY)
def test_every_topic_passes_in_every_format_alike(topic: str) -> None:
    sheet = made(topic)
    for key in (True, False):
        found = [tally(written(sheet, ending, key), ending) for ending in PLAIN]
        assert all(one == found[0] for one in found)
        assert not found[0].faults
        assert found[0].formula_error < 1e-11
        assert found[0].number_error < 6e-5
        assert not key or found[0].formulas + found[0].numbers >= 20


@pytest.mark.extra
@pytest.mark.parametrize("topic", ["backprop", "chain-rule"])
def test_notebooks_pass_alike(topic: str) -> None:
    sheet = made(topic)
    assert tally(written(sheet, ".ipynb"), ".ipynb") == tally(written(sheet, ".txt"))


@pytest.mark.slow
@pytest.mark.parametrize(("activation", "loss", "network"), CHOICES)
def test_every_network_passes(activation: str, loss: str, network: str) -> None:
    sheet = jac.worksheet("backprop", seed=5, activation=activation, loss=loss, network=network)
    found = tally(written(sheet, ".txt"))
    assert not found.faults
    assert found.formulas >= 15
    assert found.numbers >= 25


NOTATIONS = {
    "rows": "--layout numerator", "turned": "--layout denominator --vec columns", "columns": "--vec columns",
    "names": "--names z=h,a=y,delta=∂L/∂z", "batch": "--batch 2 --samples rows --network 2-3-1",
    "samples": "--batch 2 --samples columns --network 2-3-1 --vec columns --layout denominator",
}


@pytest.mark.slow
@pytest.mark.parametrize(("topic", "name"), [
    (topic, name) for topic in ("backprop", "chain-rule", "jacobians") for name in NOTATIONS
    if topic == "backprop" or "--batch" not in NOTATIONS[name]])
def test_every_notation_passes(topic: str, name: str, tmp_path: Path) -> None:
    main(["worksheet", topic, *NOTATIONS[name].split(), "--format", "txt", "--out", str(tmp_path)])
    found = [one.tally for one in verify(tmp_path)[0]]
    assert not [one.faults for one in found if one.faults]
    assert max(one.formulas for one in found) >= 30


# Every topic in both layouts and, where it has samples, as a batch.
BATCHES = [("backprop", f"--batch {N} --samples {samples} --network 2-3-2 --loss {loss}")
           for N, samples, loss in ((3, "rows", "half-squared"), (2, "columns", "mse"), (3, "rows", "cross-entropy"),
                                    (3, "columns", "half-squared"), (2, "rows", "mse"))]
LAID = [pytest.param(topic, options, layout, marks=[pytest.mark.slow] * (k > 0))
        for k, (topic, options) in enumerate([BATCHES[0], *((topic, "") for topic in TOPICS), *BATCHES[1:]])
        for layout in ("numerator", "denominator")]


@pytest.mark.parametrize(("topic", "options", "layout"), LAID)
def test_every_topic_passes_in_both_layouts_and_as_a_batch(topic: str, options: str, layout: str,
                                                           tmp_path: Path) -> None:
    files = ["--layout", layout, "--format", "txt", "--out", str(tmp_path)]
    assert main(["worksheet", topic, *options.split(), *files]) == 0
    found = {one.path.name: one.tally for one in verify(tmp_path)[0]}
    assert not [tally.faults for tally in found.values() if tally.faults]
    assert found[f"{topic}-key.txt"].formulas + found[f"{topic}-key.txt"].numbers >= 20


def test_numbers_of_a_batch_are_watched(tmp_path: Path) -> None:
    """−1/3 beside −11/3: each digit and sign of the fractions in a matrix."""
    main(["worksheet", "backprop", *BATCHES[0][1].split(), "--format", "txt", "--out", str(tmp_path)])
    path = tmp_path / "backprop-key.txt"
    source, watched = path.read_text("utf-8"), 0
    for found in re.finditer(r"(?<=[ \[])−?1/3(?=[ ;\]])", source):
        if source.rindex("│", 0, found.start()) > source.rfind("\n", 0, found.start()):
            other = found[0][1:] if found[0].startswith("−") else f"−{found[0]}"
            path.write_text(source[:found.start()] + other + source[found.end():], "utf-8")
            watched += 1
            assert any(one.tally.faults for one in verify(tmp_path)[0] if one.path == path), source[found.start():][:40]
    assert watched >= 2


@pytest.mark.slow
@pytest.mark.parametrize("topic", TOPICS)
@pytest.mark.parametrize("seed", range(4))
def test_every_seed_passes(topic: str, seed: int) -> None:
    assert not tally(written(jac.worksheet(topic, seed=seed), ".md"), ".md").faults


# What an alteration leaves as true as it was: c has the mean 0, so that 1ᵀ c vanishes and so does all that it is in.
SAME = re.compile("1ₙᵀ y|1ₙᵀ : 1 × n|1ₙᵀ c")


@pytest.mark.parametrize("kind", ALTER)
def test_one_sign_digit_transpose_or_factor_is_noticed_and_named(kind: str, keys: dict[str, str]) -> None:
    count = 0
    for topic, source in keys.items():
        for k, (whole, line, new) in enumerate(altered(source, 1, kind)):
            if k % 5 == 0 and not SAME.search(line):
                count += 1
                faults = tally(whole).faults
                assert faults, (topic, line, new)
                said = " ".join(new.strip("│ ").split())
                assert any(fault.line and fault.line.split(" (")[0] in said for fault in faults), (faults, said)
    assert count >= 5


@pytest.mark.slow
@pytest.mark.parametrize("kind", ALTER)
@pytest.mark.parametrize("seed", range(2, 5))
def test_every_line_of_an_answer_is_watched(kind: str, seed: int) -> None:
    for topic in TOPICS:
        for whole, line, new in altered(written(made(topic), ".txt"), seed, kind):
            assert SAME.search(line) or tally(whole).faults, (topic, line, new)


ALTERED = [
    (".html", '<mn>−3</mn>', '<mn>3</mn>'), (".html", "<mi>δ</mi>", "<mi>t</mi>"),
    (".md", "Line 4 is wrong", "Line 5 is wrong"),
    (".md", "They differ by $-0.0001$", "They differ by $0.0001$"),
    (".tex", "$-0.7616$ by this line", "$-0.7617$ by this line"),
    (".txt", "(d) is right", "(a) is right"), (".txt", "In line 4: Aᵀ x + u", "In line 4: A x + u"),
    (".md", "A^{\\top} x + u$", "A^{\\top} x - u$"),
]


@pytest.mark.parametrize(("ending", "old", "new"), ALTERED)
def test_what_is_visible_is_what_is_checked(ending: str, old: str, new: str) -> None:
    source = written(made("total-derivative"), ending)
    place = source.rindex(old)
    assert tally(source[:place] + source[place:].replace(old, new, 1), ending).faults


def test_the_words_of_a_formula_must_be_its_own() -> None:
    source = written(made("chain-rule"), ".html")
    changed = re.sub(r'alttext="equals (V transpose[^"]*)"', r'alttext="equals minus \1"', source, count=1)
    assert changed != source
    [fault] = tally(changed, ".html").faults
    assert "alternative text" in fault.said


def test_a_wrong_rule_of_the_program_is_noticed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """tanh′ = 1 − tanh in place of 1 − tanh², and nothing that would notice it while the sheet is made."""
    monkeypatch.setattr(Derivation, "checked", lambda self: self)
    right = elementwise.tanh.slope
    object.__setattr__(elementwise.tanh, "slope", lambda x, y: 1 - y)
    try:
        (tmp_path / "own.toml").write_text('[[question]]\nkind = "derivative"\nformula = "q = tanh(p); s = c\'*q"\n'
                                           'shapes = "p: n, c: n"\nby = "p"\n')
        worksheet_from(tmp_path / "own.toml").save_all(tmp_path / "out", ["html", "tex"])
    finally:
        object.__setattr__(elementwise.tanh, "slope", right)
    for one in verify(tmp_path / "out")[0]:
        assert [fault.line for fault in one.tally.faults] == \
            ["∂s/∂p = ((1ₙ − q) : n) ∘ (c : n)"] * ("key" in one.path.name)


def test_the_command_says_what_was_compared(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    jac.worksheet("sgd", seed=1).save_all(tmp_path, ["html", "json", "xml"])
    assert main(["worksheet", "--verify", str(tmp_path)]) == 0
    out = capsys.readouterr().out
    assert re.search(r"sgd-key\.html +7 +3\d +\de-1\d", out)
    assert "sgd-key.xml is not read again here; sgd-key.html was made with it, and was checked" in out
    path = tmp_path / "sgd-key.html"
    shown = path.read_text("utf-8")
    place = shown.index("−</mo><mrow><mspace", shown.index('class="answer"'))
    path.write_text(shown[:place] + shown[place:].replace("−", "+", 1), "utf-8")
    assert main(["worksheet", "--verify", str(tmp_path)]) == 1
    out = capsys.readouterr().out
    assert "sgd-key.html, question 1 Derivative: ∂L/∂w = (w : n) + (t : n)" in out
    assert "the differences give [" in out
    assert "do not agree with the differences" in out


def test_a_sheet_asks_what_its_key_answers(tmp_path: Path) -> None:
    made("sgd").save_all(tmp_path, ["md"])
    path = tmp_path / "sgd.md"
    path.write_text(path.read_text("utf-8").replace("w = \\left", "w = -\\left", 1), "utf-8")
    found = {one.path.name: one.tally.faults for one in verify(tmp_path)[0]}
    assert not found["sgd-key.md"]
    assert any("but sgd-key.md asks w = [" in fault.said for fault in found["sgd.md"])


BAD = {
    "nothing there": ({}, "is empty"), "no worksheet": ({"notes.docx": "x"}, "is no worksheet"),
    "another page": ({"a.html": "<p>1 = 2</p>"}, "no question with a number"),
    "no notebook": ({"a.ipynb": "{"}, "it is no notebook"), "a cut file": ({"a.tex": "\\begin{document}"}, "damaged"),
    "PDF alone": ({"a.pdf": "%PDF"}, "write one of .html"), "no text": ({"a.md": b"\xff\xfe"}, "not UTF-8"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_worksheet_is_said_in_a_sentence(name: str, tmp_path: Path) -> None:
    files, sentence = BAD[name]
    for file, content in files.items():
        (tmp_path / file).write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(jac.InputError, match=sentence):
        verify(tmp_path)


def test_a_folder_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(jac.InputError, match="is no folder"):
        verify(tmp_path / "nowhere")


@pytest.mark.parametrize("arguments", [["sgd"], ["--from", "questions.toml"]])
def test_what_is_checked_is_not_made(arguments: list[str]) -> None:
    with pytest.raises(jac.InputError, match="leave topic and --from out"):
        main(["worksheet", *arguments, "--verify", "."])


def test_a_line_is_read_as_it_was_written() -> None:
    [(relations, sides)] = equations("δ₁ = ∂J/∂z₁ = (ReLU′(z₁) : n₁) ∘ ((W₂ᵀ : n₁ × n₂) (δ₂ : n₂)) = [12; 0; −15]")
    assert relations == ["=", "=", "="]
    assert [side.kind for side in sides] == ["name", "∂", "∘", "grid"]


def test_a_page_knows_questions_and_answers(keys: dict[str, str]) -> None:
    page = text(keys["sgd"])
    assert [exercise.number for exercise in page.exercises] == list(range(8))
    assert page.key
    assert json.dumps([line.kind for line in page.exercises[1].lines if line.answer]).count("formula") == 2
