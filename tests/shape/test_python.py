"""Habits of the Python code: a thin entry module, one way of imports, one door to a host."""

import ast
import re
import sys
from pathlib import Path

from tests.shape.tree import (
    ROOT,
    RUNNER,
    SRC,
    functions,
    imports,
    python_files,
    strings,
    tree,
    where,
)

# Imports go from a smaller number to a greater one, or stay inside a package.
LEVELS = {
    "plugin_runner": 0,
    "operations": 1,
    "ingestion": 2,
    "server": 3,
    "remote": 4,
    "domain": 5,
    "errors": 6,
    "catalogue": 7,
    "error_kind": 8,
    "resources": 7,
    "shown": 7,
}
MODULE_LINES = 300
FUNCTION_LINES = 40
PARAMETERS = 5


def _package(path: Path) -> str:
    return path.relative_to(SRC).parts[0].removesuffix(".py")


def _lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function without its docstring."""
    end = function.end_lineno or function.lineno
    first = function.body[0]
    text = 0
    if ast.get_docstring(function):
        text = (first.end_lineno or first.lineno) - first.lineno + 1
    return end - function.lineno + 1 - text


def test_the_parts_of_the_house_exist() -> None:
    if not RUNNER.exists():
        return
    wanted = [
        "plugin_config.yml",
        "schema.json",
        "CHANGELOG.md",
        "docs/reference/error-codes.md",
        "src/errors.py",
        "src/resources/lib",
        *(f"src/{name}" for name in ("operations", "ingestion", "server", "domain", "remote")),
    ]
    missing = [name for name in wanted if not (ROOT / name).exists()]
    assert not missing, f"src/plugin_runner.py is there and these are not: {missing}"
    assert list((SRC / "resources/steps").glob("*.sh")), "the plugin has no scripts"
    assert list((SRC / "resources/lib").glob("*.sh")), "the plugin has no bash libraries"


def test_entry_module_is_a_table_of_contents() -> None:
    """Each operation is one line, `plugin.group.operation()(module.function)`; no decisions."""
    if not RUNNER.exists():
        return
    assert not list(functions(RUNNER)), "the entry module has functions of its own"
    for node in ast.walk(tree(RUNNER)):
        assert not isinstance(node, ast.If | ast.IfExp | ast.BoolOp | ast.Lambda | ast.For), (
            f"{where(RUNNER, node)}: a decision in the entry module"
        )
    lines = [line for line in RUNNER.read_text(encoding="utf-8").splitlines() if "plugin." in line]
    shape = re.compile(r"plugin\.(\w+)\.(\w+)\((?:\"[\d.]+\")?\)\(\w+\.\w+\)")
    assert lines and all(shape.fullmatch(line) for line in lines), f"not one call a line: {lines}"


def test_imports_go_one_way() -> None:
    for path in python_files("src"):
        package = _package(path)
        assert package in LEVELS, f"{where(path, 1)}: tell the shape tests where {package} belongs"
        for module, node in imports(path):
            name = module.split(".")[0]
            if name == package or name not in LEVELS:
                continue
            assert LEVELS[name] > LEVELS[package], f"{where(path, node)}: {package} imports {name}"


def test_only_the_standard_library_and_the_sdk_are_imported() -> None:
    known = {"dlpx", "generated", *LEVELS}
    for path in python_files("src"):
        for module, node in imports(path):
            name = module.split(".")[0]
            assert name in known or name in sys.stdlib_module_names, (
                f"{where(path, node)}: the engine has no {name}"
            )


def test_our_package_names_are_our_own() -> None:
    taken = {"platform", "types", "mariadb", "mysql", "generated", "dlpx"} | sys.stdlib_module_names
    assert not taken & set(LEVELS)


def test_no_module_bears_a_name_of_the_standard_library() -> None:
    """On an import path of its own it would take that one's place."""
    names = {path.stem: path for path in python_files("src") if path.stem != "__init__"}
    assert not names.keys() & sys.stdlib_module_names


def test_a_class_has_a_name_of_its_own() -> None:
    places: dict[str, list[str]] = {}
    for path in python_files("src"):
        for node in tree(path).body:
            if isinstance(node, ast.ClassDef):
                places.setdefault(node.name, []).append(where(path, node))
    assert not {name: found for name, found in places.items() if len(found) > 1}


def test_only_operations_say_what_is_being_done() -> None:
    """And whoever runs a step; what decides does not know."""
    for path in python_files("src/domain"):
        for function in functions(path):
            names = [a.arg for a in (*function.args.args, *function.args.kwonlyargs)]
            assert "doing" not in names, where(path, function)


def test_positions_are_values() -> None:
    """A GTID is text in answers and variables of steps only; a field or parameter is a value."""
    for path in python_files("src"):
        for node in ast.walk(tree(path)):
            name, kind = _typed(node)
            if "gtid" in name.lower() and kind is not None:
                assert "Position" in ast.unparse(kind), f"{where(path, node)}: {name}"


def _typed(node: ast.AST) -> tuple[str, ast.expr | None]:
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        return node.target.id, node.annotation
    if isinstance(node, ast.arg):
        return node.arg, node.annotation
    return "", None


def test_domain_does_no_input_or_output() -> None:
    doors = {
        "errors",
        "os",
        "subprocess",
        "socket",
        "tempfile",
        "shutil",
        "dlpx",
        "time",
        "logging",
    }
    for path in python_files("src/domain"):
        for module, node in imports(path):
            assert module.split(".")[0] not in doors, f"{where(path, node)}: domain uses {module}"


def test_one_file_talks_to_hosts() -> None:
    users = set()
    for path in python_files("src"):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "attr", getattr(node.func, "id", ""))
                if name in ("run_bash", "run_sync", "run_expect", "run_powershell"):
                    users.add(path)
    assert len(users) <= 1, f"more than one file talks to hosts: {users}"
    assert all(path.parent.name == "remote" for path in users)


def test_check_true_is_never_used() -> None:
    for path in python_files("src"):
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.keyword) and node.arg == "check":
                value = node.value.value if isinstance(node.value, ast.Constant) else True
                assert value is False, (
                    f"{where(path, node.value)}: check=True loses exit code and story"
                )


def test_no_shell_text_in_python() -> None:
    shell = re.compile(r"&&|^\s*(bash|sudo|sh)(\s|$)|\b(bash|sh) -c\b|2>&1|>/dev/null")
    for path in python_files("src"):
        for node in strings(path):
            assert not shell.search(str(node.value)), (
                f"{where(path, node)}: shell text belongs into src/resources: {node.value!r}"
            )


def test_modules_are_small() -> None:
    for path in python_files("src", "lab", "testbed", "demo", "bench"):
        lines = len(path.read_text(encoding="utf-8").splitlines())
        assert lines < MODULE_LINES, f"{where(path, 1)}: {lines} lines, fewer than {MODULE_LINES}"


def test_functions_are_small() -> None:
    for path in python_files("src", "lab", "testbed", "demo", "bench"):
        for function in functions(path):
            lines = _lines(function)
            assert lines < FUNCTION_LINES, (
                f"{where(path, function)}: {function.name} has {lines} lines"
            )


def test_functions_take_few_parameters() -> None:
    """The SDK calls the entry module by keyword and click calls commands: they are exempt."""
    for path in python_files("src", "lab", "testbed", "demo", "bench"):
        for function in functions(path):
            if path == RUNNER or any("click" in ast.unparse(d) for d in function.decorator_list):
                continue
            arguments = function.args
            names = [a.arg for a in (*arguments.posonlyargs, *arguments.args)]
            names = [name for name in names if name not in ("self", "cls")]
            names += [a.arg for a in arguments.kwonlyargs]
            assert len(names) <= PARAMETERS, (
                f"{where(path, function)}: {function.name} takes {names}"
            )
