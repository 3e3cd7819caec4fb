"""A function of torch tensors with places for its inputs and parameters, run forward and back from NumPy arrays."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import numpy as np

from jacobian.adapters.problem import Share, refusal
from jacobian.adapters.tree import filled, leaves
from jacobian.errors import InputError, ShapeError
from jacobian.numeric.names import names
from jacobian.verify.sample import Arrays

Tensor = Any
Put = Callable[[int, Tensor], Tensor]
FURTHER = 1.25          # what an input is multiplied by for another call


def as_it_is(k: int, tensor: Tensor) -> Tensor:
    """The k-th input or cotangent, unchanged."""
    return tensor


class Graph:
    """y = f(*inputs) of a Function, of a copy of a module, or of a function.

    places      which of the inputs, flattened, are checked
    parameters  those of the module that require a gradient
    x, names    the checked inputs, and after them the parameters
    """

    def __init__(self, torch: Any, f: Any, inputs: tuple[Any, ...], seed: int) -> None:
        self.torch, self.seed = torch, seed
        self.function: Any = f if written(torch, f) else None
        self.module = copied(torch, f) if isinstance(f, torch.nn.Module) else None
        if (isinstance(f, type) and not self.function) or not callable(f):
            raise InputError(f"f must be a torch.autograd.Function, a module or a function; it is {f!r:.60}")
        self.call = self.function.apply if self.function else self.module or f
        modules = self.module.named_parameters() if self.module else ()
        own = {name: parameter for name, parameter in modules if parameter.requires_grad}
        self.parameters = list(own.values())
        held = [*self.module.parameters(), *self.module.buffers()] if self.module else []
        self.held = [(t, t.detach().clone()) for t in held if not t.requires_grad]
        kind = next((t.dtype for t in held if t.is_floating_point()), None)
        self.tree = filled(inputs, iter([self.tensor(leaf, kind) for _, leaf in leaves(inputs, "")]))
        called = names(self.signed(f), len(inputs))
        self.entries = [entry for name, tree in zip(called, self.tree, strict=True) for entry in leaves(tree, name)]
        self.places = self.checked()
        taken = [self.entries[k][0] for k in self.places]
        self.names = (*taken, *(f"self.{name}" if name in taken else name for name in own))
        given = [self.entries[k][1] for k in self.places] + self.parameters
        self.x: Arrays = tuple(array(tensor, name) for tensor, name in zip(given, self.names, strict=True))
        if not given:
            raise InputError("nothing to check: no input is a tensor of floating-point numbers, and no parameter"
                             " requires a gradient")

    # ---- inputs ------------------------------------------------------------------------------------------------------

    def signed(self, f: Any) -> Callable[..., Any]:
        """A function whose parameters are the inputs: `forward` without its context."""
        if self.function is None:
            return f.forward if self.module else f
        apart = self.function.setup_context is not self.torch.autograd.Function.setup_context
        return self.function.forward if apart else partial(self.function.forward, None)

    def tensor(self, leaf: Any, kind: Any) -> Any:
        """Arrays as tensors, of the type of the module's own."""
        return cast(self.torch.from_numpy(leaf.copy()), kind) if isinstance(leaf, np.ndarray) else leaf

    def checked(self) -> list[int]:
        """The inputs that require a gradient, or all of floating-point numbers where none does."""
        found = [k for k, (_, leaf) in enumerate(self.entries)
                 if isinstance(leaf, self.torch.Tensor) and (leaf.is_floating_point() or leaf.is_complex())]
        return [k for k in found if self.entries[k][1].requires_grad] or found

    def fixed(self) -> tuple[Any, ...]:
        """The inputs that are not checked, tensors as arrays."""
        return tuple(numbers(leaf) if isinstance(leaf, self.torch.Tensor) else leaf
                     for k, (_, leaf) in enumerate(self.entries) if k not in self.places)

    def laid(self, x: Arrays, asked: Sequence[int], put: Put = as_it_is) -> tuple[Any, list[Tensor]]:
        """The arguments of f over the memory of x, and the tensors in them and in the module; gradients for `asked`.

        In other types than those given, all else of floating-point numbers is cast to the type of x. Raises ShapeError
        for parameters of other shapes.
        """
        count = len(self.places)
        if [np.shape(a) for a in x[count:]] != [a.shape for a in self.x[count:]]:
            raise ShapeError("parameters of a module keep their shapes")      # kernels of torch rely on it unchecked
        made = [put(k, self.torch.from_numpy(np.asarray(a))) for k, a in enumerate(x)]
        for parameter, tensor in zip(self.parameters, made[count:], strict=True):
            parameter.requires_grad_(False)
            parameter.data = tensor
        tensors = made[:count] + self.parameters
        for k in asked:
            tensors[k].requires_grad_()
        given = tuple(a.dtype for a in x) == tuple(a.dtype for a in self.x)
        kind = None if given else self.torch.from_numpy(np.zeros(0, np.result_type(*x))).dtype
        for tensor, value in self.held:
            tensor.data = cast(value, kind).clone()
        leaf_at = dict(zip(self.places, made, strict=False))
        rest = (cast(leaf.detach(), kind).clone() if isinstance(leaf, self.torch.Tensor) else leaf
                for _, leaf in self.entries)
        return filled(self.tree, iter([leaf_at.get(k, leaf) for k, leaf in enumerate(rest)])), tensors

    def further(self, leaf: Any) -> Any:
        """An input of another value."""
        floating = isinstance(leaf, self.torch.Tensor) and leaf.is_floating_point()
        return (FURTHER * leaf.detach()).requires_grad_(leaf.requires_grad) if floating else leaf

    # ---- calls -------------------------------------------------------------------------------------------------------

    @contextmanager
    def steady(self) -> Iterator[None]:
        """The same random numbers at each call, and none of those that others draw."""
        with self.torch.random.fork_rng(devices=[]):
            self.torch.random.default_generator.manual_seed(self.seed)
            yield

    def outputs(self, arguments: Any) -> list[tuple[str, Tensor]]:
        """The outputs of floating-point numbers, with their names."""
        found = [(name, leaf) for name, leaf in leaves(self.call(*arguments), "y")
                 if isinstance(leaf, self.torch.Tensor) and (leaf.is_floating_point() or leaf.is_complex())]
        if not found:
            raise InputError("f must return a tensor of floating-point numbers, or several; it returns none")
        return found

    def forward(self, *x: Any) -> Arrays:
        """The outputs, no gradient asked for."""
        with self.steady():
            try:
                return tuple(numbers(y) for _, y in self.outputs(self.laid(x, ())[0]))
            except self.torch.linalg.LinAlgError as error:
                raise np.linalg.LinAlgError(str(error)) from error      # f has no value here, as NumPy says it

    def back(self, tensors: Sequence[Tensor], outputs: Sequence[Tensor], share: Share, asked: Sequence[int],
             put: Put = as_it_is, times: int = 1) -> list[Any]:
        """The gradients of those asked, and None where the backward pass gives none; of the last of several times."""
        shares = share(tuple(map(numbers, outputs)))
        seeds = [put(k, self.torch.from_numpy(np.asarray(g, numbers(y).dtype)))
                 for k, (g, y) in enumerate(zip(shares, outputs, strict=True))]
        live = [(y, g) for y, g in zip(outputs, seeds, strict=True) if y.requires_grad]
        found: list[Any] = [None] * len(tensors)
        if not live:
            return found
        try:
            for again in reversed(range(times)):
                grads = self.torch.autograd.grad(
                    [y for y, _ in live], [tensors[k] for k in asked], [g for _, g in live],
                    retain_graph=again > 0, allow_unused=True)
        except Exception as error:
            arguments = [k for k, tree in enumerate(self.tree) for _ in leaves(tree, "")]
            at = [arguments[k] for k in self.places] if self.function else ()
            raise refusal(error, self.names, tuple(a.shape for a in self.x), at) or error from error
        for k, grad in zip(asked, grads, strict=True):
            found[k] = None if grad is None else numbers(grad)
        return found


def copies(x: Arrays) -> Arrays:
    """Arrays to be written into."""
    return tuple(a.copy() for a in x)


def numbers(tensor: Tensor) -> Any:
    """The entries as an array over the same memory."""
    return tensor.detach().to_dense().resolve_conj().resolve_neg().numpy()


def array(tensor: Tensor, name: str) -> np.ndarray[Any, Any]:
    """The entries as an array of their own. Raises InputError where NumPy has none of this kind."""
    if tensor.device.type != "cpu" or tensor.is_complex() or tensor.dtype.itemsize < 2 or "bfloat" in str(tensor.dtype):
        raise InputError(f"{name} must be a tensor of real numbers on the CPU (.cpu()), in float64, float32 or float16;"
                         f" it is one of {tensor.dtype} on {tensor.device}")
    return np.array(numbers(tensor))


def cast(tensor: Tensor, kind: Any) -> Tensor:
    """In that type, if it is of floating-point numbers and there is a type."""
    return tensor.to(kind) if kind is not None and tensor.is_floating_point() else tensor


def transposed(tensor: Tensor) -> Tensor:
    """The same entries, none beside its neighbour in memory, the last axis first."""
    axes = tuple(range(tensor.dim()))[::-1]
    turned = tensor.permute(axes)
    return turned.new_empty((*turned.shape, 2)).copy_(turned[..., None])[..., 0].permute(axes)


def written(torch: Any, f: Any) -> bool:
    """Whether f is a Function: a class with a forward and a backward pass."""
    return isinstance(f, type) and issubclass(f, torch.autograd.Function)


@contextmanager
def apart(torch: Any) -> Iterator[None]:
    """Gradients can be asked for, whatever is set outside, and on one thread: small tensors are slower on several."""
    count = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        with torch.inference_mode(False), torch.enable_grad():
            yield
    finally:
        torch.set_num_threads(count)


def copied(torch: Any, module: Any) -> Any:
    """The module once more; what it keeps of earlier calls without its history."""
    kept = {id(value): value.detach().clone() for part in module.modules() for value in vars(part).values()
            if isinstance(value, torch.Tensor) and not value.is_leaf}
    try:
        return copy.deepcopy(module, kept)
    except Exception as error:
        raise InputError(f"the module cannot be copied, and a check must leave it as it is:"
                         f" {type(error).__name__}: {error}") from error
