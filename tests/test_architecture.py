"""Who may import whom: downwards only, and never inside a function."""

import ast
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

import jacobian
import mlp

ROOT = Path(__file__).parent.parent
# Each package of jacobian and what it may import of the others; these four are everybody's.
MAY = {
    "algebra": set(),
    "symbolic": {"algebra"},
    "numeric": {"algebra"},
    "verify": {"algebra", "numeric"},
    "adapters": {"numeric", "verify"},
    "printing": {"algebra", "symbolic"},
    "derivation": {"algebra", "symbolic", "printing"},
    "worksheet": {"algebra", "symbolic", "printing", "derivation", "numeric", "verify"},
    "cli": {"printing", "derivation", "worksheet", "verify", "adapters"},
}
EVERYBODYS = {"command", "errors", "files", "lazy"}
FILES = [p for top in ("jacobian", "mlp", "derivations") for p in sorted((ROOT / top).rglob("*.py"))]


def imports(path: Path) -> list[tuple[str, ast.AST]]:
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [(alias.name, node) for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path} imports relatively"
            found.append((node.module or "", node))
    return found


def part(path: Path) -> str:
    return path.relative_to(ROOT / "jacobian").parts[0].removesuffix(".py")


@pytest.mark.parametrize("path", [p for p in FILES if "jacobian" in p.parts], ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_of_jacobian_go_downwards(path: Path) -> None:
    me = part(path)
    for module, _ in imports(path):
        top, *rest = module.split(".")
        assert top not in ("mlp", "derivations"), f"{path} imports {module}"
        if top == "jacobian" and me not in ("__init__", "__main__", "testing"):
            other = rest[0] if rest else "__init__"
            assert other == me or other in EVERYBODYS or other in MAY.get(me, set()), f"{me} imports {module}"


@pytest.mark.parametrize("path", sorted((ROOT / "mlp").rglob("*.py")), ids=lambda p: p.name)
def test_mlp_imports_the_public_names_only(path: Path) -> None:
    for module, _ in imports(path):
        assert not module.startswith(("jacobian.", "derivations")), f"{path} imports {module}"


@pytest.mark.parametrize("path", sorted((ROOT / "jacobian/worksheet/render").rglob("*.py")), ids=lambda p: p.name)
def test_renderers_read_a_document_only(path: Path) -> None:
    allowed = ("jacobian.worksheet.document", "jacobian.worksheet.render", "jacobian.worksheet", "jacobian.printing.",
               "jacobian.errors")
    for module, _ in imports(path):
        if module.startswith("jacobian"):
            assert module.startswith(allowed), f"{path} imports {module}"
            assert not module.startswith("jacobian.printing.notation"), f"{path} reads expressions"


@pytest.mark.parametrize("path", FILES, ids=lambda p: str(p.relative_to(ROOT)))
def test_no_import_stands_inside_a_function(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for function in ast.walk(tree):
        if isinstance(function, (ast.FunctionDef, ast.AsyncFunctionDef)):
            inside = [n for n in ast.walk(function) if isinstance(n, (ast.Import, ast.ImportFrom))]
            assert not inside, f"{path}:{inside[0].lineno}"


def test_the_core_needs_no_extra() -> None:
    optional = {"matplotlib", "sklearn", "typst", "nbformat", "numba", "jax", "torch", "scipy", "safetensors"}
    for path in FILES:
        used = {module.split(".")[0] for module, _ in imports(path)}
        assert not used & optional, f"{path} imports {used & optional}: ask for it by jacobian.errors.extra"


@pytest.mark.parametrize("package", [jacobian, mlp], ids=lambda package: package.__name__)
def test_each_public_name_is_what_its_module_calls_so(package) -> None:
    for name, module in package._HOME.items():
        assert getattr(package, name) is getattr(import_module(module), name)
    tree = ast.parse((ROOT / package.__name__ / "__init__.py").read_text(encoding="utf-8"))
    declared = {alias.name: node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)
                and (node.module or "").startswith(f"{package.__name__}.") for alias in node.names}
    assert declared == package._HOME
    assert dir(package) == list(package.__all__) == sorted(package._HOME)
    with pytest.raises(AttributeError, match=f"'{package.__name__}' has no attribute 'nothing'"):
        package.nothing  # noqa: B018


@pytest.mark.parametrize("program", ["jacobian", "mlp", "derivations"])
def test_a_program_loads_nothing_slow_before_it_can_be_interrupted(program: str) -> None:
    code = f"import sys, {program}.__main__; assert not {{'numpy', 'sympy', 'rich'}} & sys.modules.keys()"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_a_public_function_wins_over_the_module_of_its_name() -> None:
    code = ("import jacobian.numeric, jacobian.worksheet.sheet, jacobian as jac; "
            "assert callable(jac.numeric) and callable(jac.worksheet)")
    subprocess.run([sys.executable, "-c", code], check=True)
