"""Parameters in files: npz and safetensors, whole or refused; torch's state_dict and back."""

import io
import json
import pickle
import struct
from dataclasses import dataclass

import numpy as np
import pytest

import jacobian as jac
import mlp

NETWORK = mlp.mlp("4-5-3", "tanh", "cross-entropy")
PARAMS = NETWORK.init(np.random.default_rng(0))
NAMED = NETWORK.named(PARAMS)


def same(found):
    return all(np.array_equal(array, NETWORK.named(found)[name]) for name, array in NAMED.items())


@pytest.mark.parametrize("ending", ["npz", pytest.param("safetensors", marks=pytest.mark.extra)])
@pytest.mark.parametrize("names", [lambda: NAMED, lambda: mlp.state_dict(NETWORK, PARAMS)], ids=["ours", "torch"])
def test_parameters_are_saved_to_the_same_bytes_and_loaded_again(tmp_path, ending, names):
    paths = [mlp.save(tmp_path / f"{name}.{ending}", names()) for name in "ab"]
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert same(mlp.load(paths[0], NETWORK))
    with pytest.raises(jac.InputError, match=rf"a\.{ending} does not fit: W1 of shape"):
        mlp.load(paths[0], mlp.mlp("4-6-3"))


def test_an_ending_that_is_not_known_is_refused(tmp_path):
    for ask in (lambda path: mlp.save(path, NAMED), lambda path: mlp.load(path, NETWORK)):
        with pytest.raises(jac.InputError, match=r"the ending '\.pt' is not known: choose one of \.npz, \.safetensors"):
            ask(tmp_path / "a.pt")


@pytest.mark.extra
def test_safetensors_are_what_the_format_says(tmp_path):
    """Eight bytes for the size of a header in JSON, and after it the entries, rows one after the other."""
    content = mlp.save(tmp_path / "a.safetensors", {"W1": np.arange(6.0).reshape(3, 2).T}).read_bytes()
    (size,) = struct.unpack("<Q", content[:8])
    about = json.loads(content[8:8 + size])["W1"]
    assert (about["dtype"], about["shape"]) == ("F64", [2, 3])
    begin, end = (8 + size + offset for offset in about["data_offsets"])
    assert struct.unpack("<6d", content[begin:end]) == (0, 2, 4, 1, 3, 5)


def archive(**named):
    stream = io.BytesIO()
    np.savez_compressed(stream, **named)
    return stream.getvalue()


def array(value):
    stream = io.BytesIO()
    np.save(stream, value)
    return stream.getvalue()


LINEAR = {"W1": np.ones((1, 2)), "b1": np.ones(1)}
WHOLE = archive(**LINEAR)
SPOILT = WHOLE[:60] + bytes(b ^ 255 for b in WHOLE[60:90]) + WHOLE[90:]


@pytest.mark.parametrize(("named", "words"), [
    ({"W1": LINEAR["W1"]}, r"b1 of shape \(1,\) is expected, but none was given"),
    ({**LINEAR, "W1": np.ones((2, 1))}, r"W1 of shape \(1, 2\) is expected, but shape \(2, 1\)"),
    ({**LINEAR, "W2": np.ones((1, 1))}, "W2 is no parameter of this network, which has W1, b1"),
    ({**LINEAR, "W1": np.array([["a", "b"]])}, "W1 must hold real numbers, not <U1"),
    ({**LINEAR, "b1": np.array([np.nan])}, "b1 holds nan in row 0"),
    ({"0.weight": LINEAR["W1"], "1.bias": np.ones(1)}, r"1\.bias is no parameter of these layers in torch.*0\.weight"),
])
def test_parameters_of_another_network_are_named(tmp_path, named, words):
    path = tmp_path / "parameters.npz"
    path.write_bytes(archive(**named))
    with pytest.raises(jac.InputError, match=rf"parameters\.npz does not fit: {words}"):
        mlp.load(path, mlp.mlp("2-1"))


@pytest.mark.parametrize("content", [
    None, b"", b"no archive", b"PK\x03\x04 cut off", WHOLE[:-1], WHOLE[:100], SPOILT, array(np.ones(3)),
    pickle.dumps([1]),
])
def test_a_file_of_parameters_that_cannot_be_read_is_named(tmp_path, content):
    path = tmp_path / "parameters.npz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(jac.InputError, match=r"parameters\.npz cannot be read as a file of parameters"):
        mlp.load(path, mlp.mlp("2-1"))


@pytest.mark.extra
@pytest.mark.parametrize("content", [b"", b"no file of that kind", struct.pack("<Q", 2**60) + b"{}",
                                     struct.pack("<Q", 2) + b"{]", pickle.dumps([1])])
def test_damaged_safetensors_are_named(tmp_path, content):
    path = tmp_path / "a.safetensors"
    path.write_bytes(content)
    with pytest.raises(jac.InputError, match=r"a\.safetensors cannot be read as a file of parameters"):
        mlp.load(path, NETWORK)


def test_pickled_objects_are_refused_unread(tmp_path):
    path = tmp_path / "a.npz"
    path.write_bytes(archive(W1=np.array([None])))
    with pytest.raises(jac.InputError, match="W1 holds Python objects, but numbers or text are expected"):
        mlp.load(path, NETWORK)


# ---- torch ---------------------------------------------------------------------------------------------------------


def test_names_count_all_layers_as_torch_does():
    assert list(mlp.state_dict(NETWORK, PARAMS)) == ["0.weight", "0.bias", "2.weight", "2.bias"]
    assert same(mlp.from_state_dict(NETWORK, mlp.state_dict(NETWORK, PARAMS)))


@dataclass(frozen=True)
class Strange(mlp.Layer):
    """y = x + 1 qᵀ."""

    shapes = "x: N n, q: n"

    def spec(self, x, q):
        return x + q


def test_a_parameter_without_a_name_in_torch_is_named():
    network = mlp.Network((Strange(),), mlp.HalfSquaredError(), (2,))
    with pytest.raises(jac.MissingRule, match=r"q of Strange\(\) has no name in torch: write its row in mlp\.state"):
        mlp.state_dict(network, network.init(np.random.default_rng(0)))


@pytest.mark.extra
def test_a_state_loads_into_torch_and_back_with_the_same_outputs(tmp_path):
    torch = pytest.importorskip("torch")
    model = torch.nn.Sequential(torch.nn.Linear(4, 5), torch.nn.Tanh(), torch.nn.Linear(5, 3)).double()
    x = np.random.default_rng(1).normal(size=(7, 4))
    found = mlp.from_state_dict(NETWORK, model.state_dict())
    assert NETWORK.forward(found, x) == pytest.approx(model(torch.tensor(x)).detach().numpy(), rel=1e-13, abs=1e-15)
    ours = {name: torch.from_numpy(array) for name, array in mlp.state_dict(NETWORK, PARAMS).items()}
    model.load_state_dict(ours, strict=True)
    assert NETWORK.forward(PARAMS, x) == pytest.approx(model(torch.tensor(x)).detach().numpy(), rel=1e-13, abs=1e-15)
    load = pytest.importorskip("safetensors.torch").load_file
    path = mlp.save(tmp_path / "a.safetensors", mlp.state_dict(NETWORK, PARAMS))
    model.load_state_dict(load(path), strict=True)
    assert NETWORK.forward(PARAMS, x) == pytest.approx(model(torch.tensor(x)).detach().numpy(), rel=1e-13, abs=1e-15)


@pytest.mark.extra
def test_parameters_of_other_layers_have_torch_names_too():
    torch = pytest.importorskip("torch")
    nn = torch.nn
    network = mlp.Network((mlp.Affine(), mlp.LayerNorm(), mlp.PReLU(), mlp.Affine()), mlp.HalfSquaredError(), (4, 5, 3))
    model = nn.Sequential(nn.Linear(4, 5), nn.LayerNorm(5), nn.PReLU(5), nn.Linear(5, 3)).double()
    rng = np.random.default_rng(2)
    params = [{name: rng.normal(size=array.shape) for name, array in own.items()} for own in network.init(rng)]
    ours = {name: torch.from_numpy(array) for name, array in mlp.state_dict(network, params).items()}
    model.load_state_dict(ours, strict=True)
    x = rng.normal(size=(7, 4))
    assert network.forward(params, x) == pytest.approx(model(torch.tensor(x)).detach().numpy(), rel=1e-12, abs=1e-14)
