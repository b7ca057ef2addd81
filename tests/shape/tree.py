"""The files of the checkout as the shape tests see them."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SRC = ROOT / "src"
RESOURCES = SRC / "resources"
RUNNER = SRC / "plugin_runner.py"
FIELDS = ("Summary", "Inputs", "Secrets", "Answers", "Fails", "Repeatable")

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
    return sorted(RESOURCES.glob("*.sh"))


def libraries() -> list[Path]:
    """The bash libraries, which Python puts in front of each script."""
    return sorted((RESOURCES / "lib").glob("*.sh"))


def code(path: Path) -> str:
    """A bash file without its comment lines; line numbers stay the same."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return "\n".join("" if line.lstrip().startswith("#") else line for line in lines)


@cache
def library_code() -> str:
    """All libraries, one after the other, without comment lines."""
    return "\n".join(code(path) for path in libraries())


@dataclass(frozen=True)
class Header:
    """The header of a script: field name to text, as written."""

    fields: dict[str, str]

    def words(self, field: str) -> list[str]:
        """The words of a field; `-` stands for none. Remarks stand in brackets: (like this)."""
        text = re.sub(r"\([^)]*\)", "", self.fields.get(field, ""))
        return [word for word in text.replace(",", " ").split() if word != "-"]


def header(path: Path) -> Header:
    """Read the header. A line that is indented below its field continues the field."""
    fields: dict[str, str] = {}
    name = ""
    for line in path.read_text(encoding="utf-8").splitlines()[1:]:
        if not line.startswith("#"):
            break
        field = re.match(r"# ([A-Z][a-z]+):\s*(.*)$", line)
        if field:
            name = field[1]
            fields[name] = field[2].strip()
        elif name and re.match(r"#\s{2,}\S", line):
            fields[name] += " " + line[1:].strip()
        else:
            name = ""
    return Header(fields)
