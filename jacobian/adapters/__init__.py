"""Backward passes that are written for another library, checked as they are; the library is loaded when it is needed.

    jac.check_torch(function_or_module, *inputs)
    jac.check_jax(function, *inputs)
"""

import sys
from collections.abc import Callable
from typing import Any

from jacobian.adapters.graph import written
from jacobian.adapters.of_jax import check_jax
from jacobian.adapters.of_torch import check_torch
from jacobian.verify import Report

__all__ = ["check_jax", "check_torch", "recognised"]


def recognised(f: Any) -> Callable[..., Report] | None:
    """The check for an object that brings its own derivative, None for any other. Loads nothing."""
    torch, jax = sys.modules.get("torch"), sys.modules.get("jax")
    if torch and (isinstance(f, torch.nn.Module) or written(torch, f)):
        return check_torch
    if jax and isinstance(f, jax.custom_vjp | jax.custom_jvp):
        return check_jax
    return None
