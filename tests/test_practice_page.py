"""The practice page: what it checks is what Python checks, no answer stands in it, and it can be used by anyone."""

import base64
import json
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from answers import blocks
from answers.forms import FORMS
from answers.printed import SYNTAXES
from browser import BROWSER, handed_back
from grading import CORPORA, formulas, mistaken, question
from test_answers import COLUMN, HOSTILE, MATRIX, PIECES, ROW

import jacobian as jac
from jacobian.__main__ import main
from jacobian.errors import InputError
from jacobian.worksheet.answers.drills import drills
from jacobian.worksheet.answers.mistakes import MISTAKES
from jacobian.worksheet.answers.seal import Sealed, sealed
from jacobian.worksheet.answers.sheet import Item, Sheet
from jacobian.worksheet.answers.table import mutants
from jacobian.worksheet.answers.values.value import fixed
from jacobian.worksheet.document import Document
from jacobian.worksheet.practice.page import checker, page, practice
from jacobian.worksheet.practice.section import Practice, of_key, of_sheet, told
from jacobian.worksheet.sheet import worksheet
from jacobian.worksheet.topics import TOPICS

Group = tuple[jac.Question, list[str]]          # a question, and answers to it
browser = pytest.mark.skipif(not BROWSER, reason="a browser is a program of the system")
HIDDEN = jac.Question("(W'*d) .* (1 - tanh(W*z + b).^2)", "W: n n, d: n, z: n, b: n")
TO_HIDDEN = ["(W'*d) .* (1 - tanh(W*z + b).^2)", "(W'*d) .* tanh'(W z + b)", "(W'*d) .* tanh(W*z + b)", "W'*d", "W*d",
             "(W*d) .* (1 - tanh(W*z + b).^2)", "(W'*d) .* (1 - tanh(z).^2)", "(d*W) .* tanh'(W*z + b)", "W'*d*W",
             "tahn(z)", "sinhh(z)", "arctn(z)", "nrom(z)"]
SLOPES = jac.Question("dE_dh*x'", "dE_dh: m, h: m, x: n, W: m n")
TO_SLOPES = ["dE_dh*x'", "∂E/∂h xᵀ", "dE/dh * x'", r"\frac{\partial E}{\partial h} x^T", r"\frac{dE}{dh} x^\top",
             "dE/dW", "x*(dE/dh)'", "∂E/∂W", "dE/dh/dE", "dEdh x'", r"\frac{dE}{h}", "∂E/∂", "h dE/dh'"]
SCALARS = jac.Question("2*x", "x:")
LISTS = ["1 2 3", "1\n2\n3", "1; 2; 3;", "1 -2 3", "1 - 2 3", "1,0 2,0 3,0", "{1, 2, 3}", "1 2", "1 2\n3",
         "tensor([1, 2, 3])", "[[1, 0, 2],\n [-1, 4, 0.25]]", "1 0 2\n-1 4 .25",
         "Matrix([[1, 0, 2], [-1, 4, Rational(1, 4)]])", "{{1}, {2}}",
         r"\begin{array}{c|cc} 1 & 0 & 2 \\ -1 & 4 & 1/4 \end{array}", r"\begin{array} 1 \end{array}", "[1, 2, 3]",
         "[[1, 2, 3]]", "[[[1, 2, 3]]]", "(1, 2, 3)", "1, 2, 3", "[1 2 3]", "[1; 2; 3]", "[[1], [2], [3]]",
         "np.array([[1, 2, 3]])", "[1, 2, 3]'", "[[1, 2, 3]].T", "[1, 2; 3, 4]", "([1, 2, 3])", "[3, 2, 1]", "[]",
         "[[]]"]


# ---- the same verdicts ----------------------------------------------------------------------------------------------

RUN = """
const place = (text, k) => [...text.slice(0, k)].length + Math.max(0, k - text.length);
handBack(JSON.parse(document.getElementById("groups").textContent).map(([seal, texts]) => {
  const asked = new Asked(seal);
  return texts.map(text => {
    const start = performance.now(), v = grade(asked, text), took = performance.now() - start;
    return [[v.verdict, v.feedback, v.mistake, v.where && v.where.map(k => place(text, k)), v.readings], took];
  });
}));
"""


def verdicts(groups: list[Group], folder: Path) -> Iterator[tuple[str, str, Any, Any, float]]:
    """Question, text, Python's verdict, that of JavaScript, and the milliseconds that it took."""
    seals = [json.loads(json.dumps(sealed(asked))) for asked, _ in groups]
    data = json.dumps([[seal, texts] for seal, (_, texts) in zip(seals, groups, strict=True)]).replace("<", "\\u003c")
    functions = [name for asked, _ in groups for name in asked.functions]
    whole = (f'<!doctype html><head><meta charset="utf-8"></head><body><script type="application/json" id="groups">'
             f"{data}</script><script>{checker(functions)}</script></body>")
    found = handed_back(whole, RUN, folder)
    for seal, (asked, texts), rows in zip(seals, groups, found, strict=True):
        known = Sealed(seal)
        for text, (theirs, took) in zip(texts, rows, strict=True):
            v = jac.grade(known, text)
            where = list(v.where) if v.where else None
            yield asked.source[0], text, [v.verdict, v.feedback, v.mistake, where, list(v.readings)], theirs, took


def differences(groups: list[Group], folder: Path, at_least: int) -> list[Any]:
    rows = list(verdicts(groups, folder))
    assert len(rows) >= at_least
    assert max(row[4] for row in rows) < 1000
    return [row[:4] for row in rows if row[2] != row[3]]


def corpus(every: int = 1) -> list[Group]:
    return [(question(name, b.name), [a.text for a in b.answers]) for name in CORPORA for b in blocks(name)[::every]]


def assembled(count: int, seed: int) -> list[Group]:
    """Answers put together from pieces, which mostly cannot be read."""
    rng = random.Random(seed)
    more = ("d", "W'*d", "tanh(", "z", "[1 2", "3 4]", "1/3", "0.33", "x_i", "A_ij", "1e-999", "0e999", "\\mathbf",
            "\\sin", "\\begin{", "\\end", "1_{", "⟨x, x⟩", "e^", "٣", "𝐱", "𝟙", "0.(3)", "ones(2,3)", "axis=-1",
            "reshape(d,[1,2,3])", "3x4", "m×n", "scalar", "vector of length", "three rows and 4 columns", "\u0301",
            "\ufeff", "\x1c")
    asked = [HIDDEN, SCALARS, *(question("first", name) for name in ("hidden-abstract", "scalar-chain", "shape-letters",
                                                                      "number-matrix", "number-network"))]
    return [(q, [rng.choice(("", " ")).join(rng.choices(PIECES + more, k=rng.randint(1, 9))) for _ in range(count)]
             + list(HOSTILE.values())) for q in asked]


def edited(count: int, seed: int) -> list[Group]:
    """Answers of the corpora with slips of the hand."""
    rng = random.Random(seed)
    signs = [*"()[]{}'*.^_+-/,;:=<>|@ \\&$0123ijnxTWσδ²ᵀ", "0.5", "np.", ".T", "^T", "\\top", "sum(", "diag(", "𝟙"]

    def slip(text: str) -> str:
        for _ in range(rng.choice((1, 1, 1, 2, 3))):
            k, j = sorted((rng.randint(0, len(text)), rng.randint(0, len(text))))
            text = rng.choice((text[:k] + text[k + 1:], text[:k] + rng.choice(signs) + text[k:], text[:k] + text[j:]))
        return text

    return [(question(name, b.name), [slip(rng.choice(b.answers).text) for _ in range(count)])
            for name in CORPORA for b in blocks(name)]


def printed(seed: int, most: int | None) -> list[Group]:
    """Every mistake of the table in three syntaxes."""
    return [(question(name, b.name), [text for _, _, text, _ in mistaken(name, b, seed, most)])
            for name, b in formulas()]


@browser
def test_a_browser_says_what_python_says(tmp_path: Path) -> None:
    forms = [(jac.Question(*asked), [*texts]) for asked, texts in FORMS.items()]
    typed = [*forms, (HIDDEN, TO_HIDDEN), (SLOPES, TO_SLOPES), *((asked, LISTS) for asked in (ROW, COLUMN, MATRIX))]
    assert differences([*corpus(6), *assembled(40, 0), *typed], tmp_path, 730) == []


@browser
@pytest.mark.slow
@pytest.mark.parametrize(("groups", "at_least"), [
    (lambda: corpus(), 850), (lambda: assembled(600, 1), 4000), (lambda: edited(200, 2), 9000),
    (lambda: printed(0, None), 7000)], ids=["corpora", "assembled", "edited", "mistakes"])
def test_a_browser_says_what_python_says_of_thousands(groups: Callable[[], list[Group]], at_least: int,
                                                      tmp_path: Path) -> None:
    assert differences(groups(), tmp_path, at_least) == []


def disagreements(groups: list[Group]) -> list[Any]:
    """Answers of which a seal says something else than its question."""
    found = []
    for asked, texts in groups:
        known = Sealed(json.loads(json.dumps(sealed(asked))))
        found += [(text, mine, theirs) for text in texts
                  if (mine := jac.grade(asked, text)) != (theirs := jac.grade(known, text))]
    return found


def test_a_seal_says_what_its_question_says() -> None:
    assert disagreements([*corpus(5), (HIDDEN, TO_HIDDEN), (SLOPES, TO_SLOPES)]) == []


@pytest.mark.slow
def test_a_seal_says_what_its_question_says_of_thousands() -> None:
    assert disagreements([*corpus(), *edited(30, 3), *printed(1, 30)]) == []


def test_fixed_numbers_are_the_mix_of_murmurhash() -> None:
    def mix(place: int, *key: int) -> float:
        h = place
        for word in key:
            h = (h + word * 0x9E3779B9) % 2**32
            h = (h ^ h >> 16) * 0x85EBCA6B % 2**32
            h = (h ^ h >> 13) * 0xC2B2AE35 % 2**32
            h ^= h >> 16
        return h / 2**32

    assert fixed((3, 70_000), (4, 5)).ravel().tolist() == [mix(k, 3, 70_000) for k in range(20)]
    spread = np.histogram(fixed((1, 2), (100, 100)), bins=10, range=(0, 1))[0]
    assert abs(spread - 1000).max() < 150


# ---- no answer stands in it -----------------------------------------------------------------------------------------

SECRET = Sheet("Week 3", (
    *(Item(name, question("first", name), 1) for name in ("hidden-sigmoid", "least-squares", "softmax-jacobian")),
    Item("tanh", HIDDEN, 1), Item("numbers", jac.Question("[137.25, -86.5]", asks="numbers"), 1),
    Item("product", jac.Question("W*x", "W: 2 2, x: 2", asks="numbers", values="W = [31 7; 2 53]; x = [11, 13]"), 1),
    Item("shape", jac.Question("kron(A, B)", "A: 17 3, B: 29 2", asks="shape"), 1)))


def squeezed(text: str) -> str:
    return re.sub(r"\s+", "", text)


def test_no_answer_stands_in_the_source() -> None:
    source = squeezed(page(of_sheet(SECRET)))
    hidden = [base64.b64decode(data).decode("latin-1") for data in re.findall(r'"sealed":"([^"]*)"', source)]
    assert len(hidden) == len(SECRET.items)
    for item in SECRET.items:
        asked = item.question
        assert squeezed(asked.source[0]) not in source, item.name
        if asked.asks == "formula":
            context = asked.context(asked.resolved)
            wrong = {squeezed(print_(tree)) for _, tree, _ in mutants(asked.resolved, MISTAKES, context)
                     for print_ in SYNTAXES.values()}
            assert [text for text in wrong if len(text) > 12 and text in source] == []
    shown = re.sub(r'base64,[^)]*|"sealed":"[^"]*"', "", source.split("<script>")[0])
    for number in ("137.25", "86.5", "432", "711", "493"):         # 31 · 11 + 7 · 13, 2 · 11 + 53 · 13, 17 · 29
        assert not re.search(rf"(?<![\d.]){re.escape(number)}(?!\d)", shown), number
    assert not any(word in text for text in hidden for word in ("rights", "single", "tanh"))


def test_what_answers_another_question_is_not_given_away() -> None:
    """Follow-through values are there, their formulas are not, and what may be used stays usable."""
    given = "z = W*x + b; delta = z - t"
    shapes = "W: m n, x: n, b: m, t: m"
    first = jac.Question("z - t", shapes, given="z = W*x + b", text="Give delta.")
    second = jac.Question("delta*x'", shapes, given=given, text="Give the gradient by W.")
    practice = of_sheet(Sheet("Two", (Item("delta", first, 1), Item("by W", second, 1))))
    assert list(told(practice.questions)) == [("z",), ("z",)]
    source = page(practice)
    assert "z-t" not in squeezed(source)
    assert source.count('<div class="display">') == 2
    known = Sealed(json.loads(json.dumps(sealed(second, ("z",)))))
    for text in ("delta*x'", "(z - t)*x'", "(W*x + b - t)*x'", "x*delta'", "-delta*x'", "z*x'", "t*x'", "delta"):
        verdict = jac.grade(known, text)
        assert (verdict.verdict, verdict.mistake) == ((v := jac.grade(second, text)).verdict, v.mistake), text


def test_a_worksheet_becomes_a_page() -> None:
    key = worksheet("gradients").key
    practice = of_key(key)
    source = page(practice)
    asked = [item for piece in key.blocks for item in getattr(piece, "asked", ())]
    assert source.count("<form>") == len(asked) == len(practice.questions) > 1
    assert source.count("<details>") == sum(len(section.hints) for section in practice.sections) > 0
    assert source.count("What does each product do") == 1         # a hint stands behind its button only
    hidden = 0
    for item in asked:
        answer, _, told = map(squeezed, item.question.source)
        if item.question.asks == "formula" and answer not in told:      # c of c'x is told
            assert answer not in squeezed(source)
            hidden += 1
    assert hidden >= 5


@pytest.mark.parametrize("topic", [topic if topic == "chain-rule" else pytest.param(topic, marks=pytest.mark.slow)
                                   for topic in TOPICS])
def test_no_page_of_a_worksheet_tells_what_it_asks_and_tells_nothing_twice(topic: str) -> None:
    """An answer that is given to a later question is not shown there, however it is spelled."""
    made = of_key(worksheet(topic, seed=1).key)
    answers = {squeezed(question.source[0]) for question in made.questions if question.asks == "formula"}
    given = [(name, squeezed(formula)) for question, names in zip(made.questions, told(made.questions), strict=True)
             for name, formula in question.statements if name in names]
    assert [name for name, formula in given if formula in answers] == []
    assert topic != "chain-rule" or {name for name, _ in given} >= {"z", "a", "L"}
    for section in page(made).split("<section")[1:]:
        shown = re.findall(r'<div class="display">(.*?)</div>', section)
        assert len(shown) == len(set(shown))


def test_a_practice_page_is_a_format_of_a_worksheet(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    call = ["worksheet", "gradients", "--seed", "3", "--out", str(tmp_path), "--format"]
    assert main([*call, "md,practice"]) == 0
    assert {path.name for path in tmp_path.iterdir()} == {"gradients.md", "gradients-key.md", "gradients-practice.html"}
    assert (tmp_path / "gradients-practice.html").read_text("utf-8") == page(of_key(worksheet("gradients", seed=3).key))
    assert main([*call, "practice"]) == 2
    assert "gradients-practice.html is there already" in capsys.readouterr().err
    assert main(["worksheet", "--verify", str(tmp_path)]) == 0
    assert "gradients-practice.html asks what the key does" in capsys.readouterr().out
    with pytest.raises(InputError, match="nothing to practise"):
        practice(Document("t: key", "", "en", ()))


def test_what_is_masked_is_no_formula() -> None:
    """Also who undoes the mask finds numbers and names of functions only."""
    for item in SECRET.items:
        seal = sealed(item.question)
        data = np.frombuffer(base64.b64decode(seal["sealed"]), np.uint8)
        text = bytes(data ^ (fixed((seal["salt"],), (len(data),)) * 256).astype(np.uint8)).decode()
        words = set(re.findall(r"[A-Za-zσ]\w*", re.sub(r"\d[\d.]*e[-+]\d+", "", text)))
        assert words <= {"rights", "slopes", "single", "pairs", "numbered", "null", "tanh"}


# ---- anyone can use it ----------------------------------------------------------------------------------------------

USE = """
const forms = [...document.querySelectorAll("form")], field = k => forms[k].querySelector("input");
const answer = (k, text) => {
  field(k).value = text;
  field(k).dispatchEvent(new Event("input"));
  const read = forms[k].querySelector(".preview").textContent;
  forms[k].querySelector("button").click();
  const place = forms[k].querySelector(".verdict");
  return {read, said: place.textContent, kind: place.className, live: place.getAttribute("aria-live"),
          mark: place.querySelector("mark")?.textContent ?? null, invalid: field(k).getAttribute("aria-invalid"),
          count: document.getElementById("count").textContent, bar: document.getElementById("progress").value};
};
handBack({
  answers: [answer(0, "delta*x'"), answer(0, "x*delta'"), answer(0, "np.outer(delta, x)"), answer(1, "W'*(delta"),
            answer(2, "<b>W</b>")],
  labels: forms.every((form, k) => form.querySelector("label").htmlFor === field(k).id),
  bold: document.querySelectorAll("b").length, images: document.querySelectorAll("main img, [src], [href]").length,
  hints: [...document.querySelectorAll("details")].map(hint => [hint.open, hint.textContent]),
  formulas: document.querySelectorAll("main math").length,
  small: [...document.querySelectorAll("input, button")].filter(e => e.getBoundingClientRect().height < 36).length,
});
"""


@pytest.fixture(scope="module")
def drilled() -> str:
    first, *others = of_sheet(Sheet("Derivatives & <more>", tuple(drills()[:3]))).sections
    hinted = replace(first, hints=(("Which shape is it?",), ("Try 1 × 1.",)))
    return page(Practice("Derivatives & <more>", (hinted, *others)))


@browser
def test_a_page_checks_counts_and_points(drilled: str, tmp_path: Path) -> None:
    found = handed_back(drilled, USE, tmp_path, "--window-size=375,800")
    right, lying, again, open_, tagged = found["answers"]
    assert (right["kind"], right["said"]) == ("verdict accepted", "✓Right")
    assert (right["count"], right["bar"], right["invalid"], right["live"]) == ("1 of 3 right", 1, "false", "polite")
    assert right["read"] == "read as δ∗x⊤"
    assert lying["said"].startswith("✗Not right yet: It lies the other way")
    assert (lying["count"], lying["bar"], lying["invalid"]) == ("0 of 3 right", 0, "true")
    assert again["count"] == "1 of 3 right"
    assert open_["said"].startswith("?Not clear: the bracket ( is not closed")
    assert open_["mark"] == "("
    assert (tagged["mark"], found["bold"]) == ("b", 0)
    assert found["labels"]
    assert found["hints"] == [[False, "Hint 1Which shape is it?"], [False, "Hint 2Try 1 × 1."]]
    assert found["formulas"] > 5
    assert (found["images"], found["small"]) == (0, 0)


MEASURE = """
addEventListener("load", () => {
  const inside = document.querySelector("iframe").contentWindow, root = inside.document.documentElement;
  handBack([inside.innerWidth, root.scrollWidth, inside.document.querySelectorAll("form").length]);
});
"""


@browser
@pytest.mark.parametrize("width", [375, 900])
def test_a_page_fits_its_window(width: int, drilled: str, tmp_path: Path) -> None:
    frame = f'<iframe style="border: 0; width: {width}px; height: 800px" srcdoc="{escape(drilled)}"></iframe>'
    found = handed_back(f"<!doctype html><head></head><body>{frame}</body>", MEASURE, tmp_path)
    assert found == [width, width, 3]


def test_a_page_needs_no_network(drilled: str) -> None:
    assert "default-src 'none'" in drilled
    source = drilled.split("<main>")[1]
    assert not re.search(r'\b(src|href)="|@import|\bfetch\(|XMLHttpRequest|\beval\(|new Function|innerHTML', source)
    assert not [address for address in re.findall(r"https?://[^\s\"'<)]+", drilled) if "www.w3.org" not in address]
    assert "Derivatives &amp; &lt;more&gt;" in drilled
    assert "For practice, not for marks" in drilled


def luminance(colour: str) -> float:
    """WCAG 2.2, relative luminance."""
    digits = colour.lstrip("#") if len(colour) == 7 else "".join(2 * c for c in colour.lstrip("#"))
    parts = [int(digits[k:k + 2], 16) / 255 for k in (0, 2, 4)]
    return sum(w * (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4)
               for w, c in zip((0.2126, 0.7152, 0.0722), parts, strict=True))


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_words_stand_out(dark: bool, drilled: str) -> None:
    """WCAG 2.2, 1.4.3: a contrast of 4.5 for text; 1.4.11: of 3 for the edges of fields."""
    rules = re.findall(r":root \{(.*?)\}", drilled.split("</style>")[0], re.DOTALL)
    colours = dict(pair for rule in rules[:2 + dark] for pair in re.findall(r"--([\w-]+): (#\w+);", rule))

    def contrast(a: str, b: str) -> float:
        high, low = sorted((luminance(colours[a]), luminance(colours[b])), reverse=True)
        return (high + 0.05) / (low + 0.05)

    pairs = [("ink", "ground"), ("quiet", "ground"), ("ink", "field"), ("button-ink", "button")]
    pairs += [(kind, f"{kind}-ground") for kind in ("right", "wrong", "unclear")]
    assert [(pair, contrast(*pair)) for pair in pairs if contrast(*pair) < 4.5] == []
    assert contrast("edge", "field") >= 3


# ---- from the command line ------------------------------------------------------------------------------------------


def test_a_page_is_written_and_not_over_another(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "practice.html"
    sheet = tmp_path / "sheet.json"
    sheet.write_text(json.dumps({"title": "Week 3", "questions": [
        {"name": "outer", "answer": "delta*x'", "shapes": "delta: m, x: n"},
        {"name": "shape", "answer": "W", "shapes": "W: 3 4", "asks": "shape"}]}), encoding="utf-8")
    assert main(["practice", str(sheet), "--html", str(file)]) == 0
    made = file.read_text(encoding="utf-8")
    assert (made.count("<form>"), "<h1>Week 3</h1>" in made) == (2, True)
    assert main(["practice", str(sheet), "--html", str(file)]) == 2
    assert "--force" in capsys.readouterr().err
    assert main(["practice", "--count", "1", "--seed", "3", "--html", str(file), "--force"]) == 0
    assert file.read_text(encoding="utf-8").count("<form>") == 1
    assert main(["practice", "--count", "0"]) == 2
    assert "at least 1" in capsys.readouterr().err
    assert main(["practice", str(sheet), "--html", str(file), "--force"]) == 0
    assert file.read_text(encoding="utf-8") == made                 # the same bytes
