"""All views of all derivatives of the corpus are typeset by what people typeset with: TeX, Typst, a browser, MathJax.

What is printed is right by the other tests; here it is compiled, one document for each notation.
"""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from test_corpus import derivation
from textbook import CASES

from jacobian.derivation.derivation import Derivation
from jacobian.derivation.views.forward import Differentials
from jacobian.derivation.views.view import Printed, View
from jacobian.printing.latex import ACCENTS, BLACKBOARD, GREEK, MATHS, SIGNS, STYLES, SYMBOLS

pytestmark = pytest.mark.slow
VIEWS: list[tuple[str, dict[str, Any]]] = [
    ("steps", {}), ("steps", {"layout": "numerator"}), ("forward", {}), ("matrix", {}), ("differential", {}),
    ("kronecker", {"stacking": "columns"}), ("kronecker", {"layout": "denominator"}), ("index", {})]
TEX, BROWSER = shutil.which("pdflatex"), shutil.which("chromium") or shutil.which("google-chrome")


@pytest.fixture(scope="module")
def views() -> Iterator[dict[str, Printed]]:
    """All of them, by what they say; whether they hold is not asked once more."""
    with pytest.MonkeyPatch.context() as patch:
        for kind, check in ((Derivation, "printable"), (View, "checked"), (Differentials, "checked")):
            patch.setattr(kind, check, lambda self: self)
        yield {f"{case} | {name} {options}": derivation(case).view(name, **options)
               for case in CASES for name, options in VIEWS}


@pytest.mark.skipif(not TEX, reason="pdflatex is a program of the system")
def test_latex_compiles_with_amsmath_alone(views: dict[str, Printed], tmp_path: Path) -> None:
    displays = "\n".join(f"\\[\n{view.latex()}\n\\]" for view in views.values())
    (tmp_path / "all.tex").write_text("\\documentclass{article}\n\\usepackage{amsmath}\n\\begin{document}\n"
                                      f"{displays}\n\\end{{document}}\n", encoding="utf-8")
    run = subprocess.run([str(TEX), "-interaction=nonstopmode", "-halt-on-error", "all.tex"], cwd=tmp_path,
                         capture_output=True, check=False)
    assert run.returncode == 0, run.stdout.decode("utf-8", "replace")[-2000:]
    assert re.search(rb"Output written on all.pdf", run.stdout)


# Of "TeX and LaTeX commands available in MathJax" (docs.mathjax.org), without extensions beyond AMSmath and AMSsymbols.
MATHJAX = {
    "begin", "end", "left", "right", "frac", "tfrac", "sqrt", "text", "mathrm", "mathit", "mathbf", "boldsymbol", "hat",
    "tilde", "bar", "dot", "underbrace", "underline", "hspace", "negthinspace", "thinspace", "quad", "mathrel", "top",
    "lbrack", "rbrack", "lbrace", "rbrace", "langle", "rangle", "lvert", "rvert", "lVert", "rVert", "Vert", "lfloor",
    "rfloor", "lceil", "rceil", "surd", "prime", "partial", "nabla", "sum", "prod", "infty", "forall", "exists",
    "neq", "approx", "equiv", "sim", "propto", "leq", "geq", "ll", "gg", "in", "notin", "subset", "subseteq",
    "emptyset", "to", "leftarrow", "leftrightarrow", "mapsto", "Rightarrow", "Leftarrow", "Leftrightarrow", "pm",
    "times", "cdot", "circ", "odot", "oslash", "otimes", "oplus", "ast", "land", "lor", "cap", "cup", "mid", "dots",
    "cdots", "vdots", "ddots", "backslash", "wedge", "vert",
    "alpha", "beta", "gamma", "delta", "varepsilon", "epsilon", "zeta", "eta", "theta", "vartheta",
    "iota", "kappa", "lambda", "mu", "nu", "xi", "pi", "rho", "sigma", "tau", "upsilon", "varphi", "phi", "chi", "psi",
    "omega", "Gamma", "Delta", "Theta", "Lambda", "Xi", "Pi", "Sigma", "Upsilon", "Phi", "Psi", "Omega", "ell",
}


def test_a_notebook_knows_every_macro(views: dict[str, Printed]) -> None:
    tables = [word for table in (ACCENTS, BLACKBOARD, GREEK, MATHS, SIGNS, STYLES, SYMBOLS) for word in table.values()]
    shown = [view._repr_latex_() or "" for view in views.values()]
    macros = set(re.findall(r"\\([A-Za-z]+)", " ".join([*tables, *shown])))
    assert macros <= MATHJAX
    assert {"frac", "otimes", "text", "begin"} <= macros
    assert set(re.findall(r"\\begin{(\w+)}", " ".join(shown))) <= {"aligned", "array"}


@pytest.mark.extra
def test_typst_compiles(views: dict[str, Printed]) -> None:
    import typst
    displays = "\n\n".join(f"$ {view.typst()} $" for view in views.values())
    page = f"#set page(width: auto, height: auto)\n{displays}"
    assert typst.compile(page.encode(), format="pdf").startswith(b"%PDF")


# ---- a browser -----------------------------------------------------------------------------------------------------

# MathML Core (W3C), the elements that a formula is made of.
CORE = {"math", "mrow", "mi", "mn", "mo", "mtext", "mspace", "mfrac", "msqrt", "msub", "msup", "msubsup", "munder",
        "mover", "munderover", "mtable", "mtr", "mtd"}
LOOK = """
const size = box => box.getBoundingClientRect();
const found = [...document.querySelectorAll("math")].map((math, k) => {
  const inside = [...math.querySelectorAll("*")];
  const shown = [math, ...inside.filter(e => ["mi", "mn", "mtext", "mtd"].includes(e.localName) && e.textContent)];
  const fences = inside.filter(e => e.getAttribute("stretchy") == "true" && e.hasAttribute("form"));
  const beside = e => e.getAttribute("form") == "prefix" ? e.nextElementSibling : e.previousElementSibling;
  return {names: [...new Set(inside.map(e => e.localName))],
          foreign: inside.filter(e => !(e instanceof MathMLElement)).length,
          empty: shown.filter(e => !(size(e).width > 0 && size(e).height > 0)).map(e => e.outerHTML.slice(0, 80)),
          fences: fences.length,
          short: fences.filter(e => size(e).height < 0.9 * size(beside(e)).height).map(e => e.textContent)};
});
document.body.textContent = "RESULT" + JSON.stringify(found) + "END";
"""


@pytest.mark.skipif(not BROWSER, reason="a browser is a program of the system")
def test_a_browser_lays_out_each_formula(views: dict[str, Printed], tmp_path: Path) -> None:
    formulas = "\n".join(f"<p>{view.mathml()}</p>" for view in views.values())
    page = tmp_path / "all.html"
    page.write_text(f'<!doctype html><meta charset="utf-8"><body>{formulas}<script>{LOOK}</script>', encoding="utf-8")
    run = subprocess.run([str(BROWSER), "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path}/me",
                          "--dump-dom", page.as_uri()], capture_output=True, check=True, timeout=300)
    found = json.loads(re.search("RESULT(.*)END", run.stdout.decode())[1].replace("&lt;", "<").replace("&gt;", ">")
                       .replace("&amp;", "&"))
    assert len(found) == len(views)
    assert {name for formula in found for name in formula["names"]} <= CORE
    assert sum(formula["fences"] for formula in found) > 0
    wrong = {title: formula for title, formula in zip(views, found, strict=True)
             if formula["empty"] or formula["short"] or formula["foreign"]}
    assert not wrong, list(wrong.items())[:5]
