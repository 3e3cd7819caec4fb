"""Identities from the literature in numbers, and the printed table of laws."""

from __future__ import annotations

import formula
import market
import numpy as np
import pytest

import jacobian as jac
from jacobian.algebra import LAWS
from jacobian.printing.identities import SIGNS, formula_latex, identities

rng = np.random.default_rng(0)


def matrix(m, n):
    return np.round(rng.uniform(-2, 2, size=(m, n)), 2)


# ---- identities from the literature --------------------------------------------------------------------------------


@pytest.mark.parametrize(("left", "right", "shapes"), [
    ("vec(A X B)", "(A ⊗ Bᵀ) vec(X)", "A: 2 3, X: 3 4, B: 4 5"),                    # Magnus and Neudecker, thm. 2.2
    ("vec(A B)", "(A ⊗ I) vec(B)", None),
    ("(A ⊗ B) (C ⊗ D)", "(A C) ⊗ (B D)", "A: 2 3, B: 4 2, C: 3 5, D: 2 3"),         # 2.2, eq. 6
    ("(A ⊗ B)ᵀ", "Aᵀ ⊗ Bᵀ", "A: 2 3, B: 4 2"),
    ("(A ⊗ B)⁻¹", "A⁻¹ ⊗ B⁻¹", "A: 2 2, B: 3 3"),                                   # 2.2, eq. 8
    ("K_{2,4} (A ⊗ B)", "(B ⊗ A) K_{3,5}", "A: 2 3, B: 4 5"),                       # 3.7, thm. 9
    ("K_{2,3} vec(A)", "vec(Aᵀ)", "A: 2 3"),
    ("diag(a) B diag(c)", "(a cᵀ) ∘ B", "a: 3 1, B: 3 4, c: 4 1"),
    ("diagonal(A B)", "(A ∘ Bᵀ) U", "A: 3 4, B: 4 3, U: 4 1"),
])
def test_identities_of_the_literature(left, right, shapes):
    if shapes is None:
        left, right, shapes = "vec(A B)", "(A ⊗ U) vec(B)", "A: 2 3, B: 3 4, U: 4 4"
    letters = {}
    for part in shapes.split(","):
        name, sizes = part.split(":")
        letters[name.strip()] = matrix(*map(int, sizes.split()))
    if "U" in letters:
        letters["U"] = np.eye(*letters["U"].shape) if letters["U"].shape[1] > 1 else np.ones(letters["U"].shape)
    assert market.close(formula.number(left, **letters), formula.number(right, **letters))


def test_the_elementwise_product_is_a_part_of_the_kronecker_product():
    """S (A ⊗ B) Sᵀ = A ∘ B (Magnus and Neudecker 2019, 3.6)."""
    A, B, S = matrix(3, 3), matrix(3, 3), jac.Selection(3)
    assert market.close((S @ jac.Kronecker(jac.Dense(A), jac.Dense(B)) @ S.T).dense(), A * B)


def test_the_commutation_of_the_book_is_ours_with_columns_stacked():
    """K_{mn} vec A = vec Aᵀ with vec by columns: their K_{mn} is our K_{n,m}; K_{2,3} in numbers."""
    rows = [[1, 0, 0, 0, 0, 0], [0, 0, 0, 1, 0, 0], [0, 1, 0, 0, 0, 0],
            [0, 0, 0, 0, 1, 0], [0, 0, 1, 0, 0, 0], [0, 0, 0, 0, 0, 1]]
    assert np.array_equal(jac.Commutation(2, 3).dense(), rows)
    X = matrix(2, 3)
    assert np.array_equal(jac.Commutation(3, 2) @ X.reshape(-1, order="F"), X.T.reshape(-1, order="F"))


def test_a_kronecker_product_in_numbers():
    A, B = [[1.0, 2.0], [3.0, 4.0]], [[0.0, 5.0], [6.0, 7.0]]
    assert np.array_equal(jac.Kronecker(jac.Dense(A), jac.Dense(B)).dense(),
                          [[0, 5, 0, 10], [6, 7, 12, 14], [0, 15, 0, 20], [18, 21, 24, 28]])


# ---- the printed table ---------------------------------------------------------------------------------------------


def test_the_table_prints_every_law_once():
    text = identities().markdown()
    assert text == str(identities())
    assert sum(line.startswith("| ") for line in text.splitlines()) == len(LAWS) + 2 * 4
    for law in LAWS:
        assert f"| {law.name} | {law.formula} | {law.source} |" in text
    latex = identities().latex()
    assert latex.count(r" \\") == len(LAWS)
    assert latex.count(r"\begin{longtable}") == latex.count(r"\end{longtable}") == 4      # a tabular stays on one page


@pytest.mark.parametrize("law", market.rows())
def test_a_formula_in_latex_is_balanced_ascii(law):
    text = formula_latex(law.formula)
    assert text.isascii()
    assert text.count("{") == text.count("}")
    assert text.count("(") == text.count(")")
    assert text.count(r"\langle") == text.count(r"\rangle")
    for sign, latex in SIGNS.items():
        if not sign.isascii():
            assert text.count(latex.strip()) >= law.formula.count(sign)
    assert "^{\\top}^" not in text


def test_a_formula_in_latex():
    assert formula_latex("K_{m,p} (A ⊗ B)ᵀ = vec(a₁)") == r"K_{m,p} (A \otimes B)^{\top} = \operatorname{vec}(a_{1})"
    assert identities().latex().isascii()
    with pytest.raises(jac.MissingRule, match=r"no LaTeX for '∮': write its row in SIGNS"):
        formula_latex("A ∮ B")
