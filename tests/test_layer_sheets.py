"""A worksheet of each layer, made from its spec, and read again: every formula and number by differences."""

from pathlib import Path

import numpy as np
import pytest

import jacobian as jac
import mlp
from jacobian.worksheet.proofread.folder import verify
from mlp.__main__ import main
from mlp.activations import Row
from mlp.cli.worksheet import NAMED
from mlp.layers import LAYERS
from mlp.losses import LOSSES

QUICK = ("Softmax", "Affine", "Concatenate", "Embedding", "Maxout", "Hardtanh", "LeakyReLU", "CrossEntropy", "GLU")
slowly = [pytest.param(layer, id=layer.title, marks=() if layer.title.startswith(QUICK) else pytest.mark.slow)
          for layer in LAYERS]


@pytest.mark.parametrize("layer", slowly)
def test_all_that_a_sheet_of_a_layer_says_is_right(layer: mlp.Layer, tmp_path: Path) -> None:
    made = layer.worksheet(seed=1)
    made.save_all(tmp_path, ["txt"])
    found, notes = verify(tmp_path)
    assert [fault for page in found for fault in page.tally.faults] + notes == []
    assert sum(page.tally.formulas for page in found) >= 2
    assert made.key.title == f"{layer.title}: key"


def test_a_loss_is_asked_about_by_its_output_a_layer_by_its_input_and_parameters() -> None:
    assert [layer.formula.by for layer in (LOSSES["cross-entropy"], LOSSES["huber"], mlp.Affine(), mlp.Attention())] \
        == ["z", "h", "x, W, b", "q, k, v"]


def test_a_sheet_of_several_layers_says_which_each_question_is_about(tmp_path: Path, capsys) -> None:
    command = ["worksheet", "softsign", "leaky-relu", "--format", "txt", "--count", "6", "--out", str(tmp_path)]
    assert main(command) == 0
    assert capsys.readouterr().out.split() == [str(tmp_path / f"softsign+leakyrelu{end}.txt") for end in ("", "-key")]
    headings = [line for line in (tmp_path / "softsign+leakyrelu.txt").read_text().splitlines() if "level" in line]
    assert len(headings) == 6
    assert all(("Softsign" in line) != ("LeakyReLU" in line) for line in headings)
    assert main(command) == 2
    assert "is there already" in capsys.readouterr().err


def test_variants_of_a_sheet_of_a_layer(tmp_path: Path, capsys) -> None:
    assert main(["worksheet", "tanh", "--variants", "2", "--format", "md", "--out", str(tmp_path)]) == 0
    assert "tanh-variants.md" in {path.name for path in tmp_path.iterdir()}
    assert len([*tmp_path.iterdir()]) == 5


def test_an_unknown_layer_is_one_sentence(capsys) -> None:
    assert main(["worksheet", "softmix"]) == 2
    out, err = capsys.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert err.startswith("mlp: the layer 'softmix' is not known: choose one of affine, bias, linear, relu, ")
    assert {name.partition("(")[0].lower() for name in map(str, LAYERS)} == {*NAMED}


def test_an_activation_of_ones_own_has_its_sheet(tmp_path: Path) -> None:
    bent = Row("Bent", "a = (√(z² + 1) − 1)/2 + z", lambda z: (jac.sqrt(z**2 + 1) - 1) / 2 + z,
               lambda z: (np.sqrt(z * z + 1) - 1) / 2 + z, lambda z: z / (2 * np.sqrt(z * z + 1)) + 1)
    bent().worksheet().save_all(tmp_path, ["md"])
    assert [fault for page in verify(tmp_path)[0] for fault in page.tally.faults] == []
