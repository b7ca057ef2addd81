"""The files of the checkout as the shape tests see them."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from remote import script
from remote.script import Header

ROOT = Path(__file__).resolve().parents[2]
SRC = ROOT / "src"
RESOURCES = SRC / "resources"
RUNNER = SRC / "plugin_runner.py"

Function = ast.FunctionDef | ast.AsyncFunctionDef


def python_files(*folders: str) -> list[Path]:
    """Python files below these folders of the checkout, without generated ones."""
    found = (path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return sorted(path for path in found if "generated" not in path.parts)


@cache
def tree(path: Path) -> ast.Module:
    """The syntax tree of a Python file."""
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def where(path: Path, node: ast.AST | int) -> str:
    """`file:line` for an assertion's message."""
    line = node if isinstance(node, int) else getattr(node, "lineno", 0)
    return f"{path.relative_to(ROOT)}:{line}"


def functions(path: Path) -> Iterator[Function]:
    """Every function and method of a file."""
    for node in ast.walk(tree(path)):
        if isinstance(node, Function):
            yield node


def docstrings(path: Path) -> set[ast.AST]:
    """The nodes of a file that are docstrings."""
    found: set[ast.AST] = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Module | ast.ClassDef | Function) and ast.get_docstring(node):
            first = node.body[0]
            assert isinstance(first, ast.Expr)
            found.add(first.value)
    return found


def strings(path: Path) -> Iterator[ast.Constant]:
    """String literals of a file that are not docstrings."""
    skip = docstrings(path)
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node not in skip:
            yield node


def imports(path: Path) -> Iterator[tuple[str, ast.AST]]:
    """Top-level names of the modules that a file imports; relative imports give nothing."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield alias.name, node
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
            yield node.module, node


def steps() -> list[Path]:
    """The scripts: one per remote step."""
    return sorted((RESOURCES / "steps").glob("*.sh"))


def libraries() -> list[Path]:
    """The bash libraries; each script says which it needs."""
    return sorted((RESOURCES / "lib").rglob("*.sh"))


def name_of(path: Path) -> str:
    """A bash file as headers and Python name it, below `resources`."""
    return str(path.relative_to(RESOURCES).with_suffix(""))


def closure(path: Path) -> list[Path]:
    """A bash file and all that it needs."""
    return [RESOURCES / f"{name}.sh" for name in script.files_of(name_of(path))]


def library_text(*names: str) -> str:
    """Library files, e.g. `dataset/marker`, with all that they need, as a step is sent them."""
    files = dict.fromkeys(file for name in names for file in script.files_of(f"lib/{name}"))
    return script.assembled(files, Header({}))


def code(path: Path) -> str:
    """A bash file without its comment lines; line numbers stay the same."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return "\n".join("" if line.lstrip().startswith("#") else line for line in lines)


def header(path: Path) -> Header:
    """The header of a bash file."""
    return script.header(path.read_text(encoding="utf-8"))
