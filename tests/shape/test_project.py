"""Version, catalogue of errors, the lab's independence, the commands."""

import ast
import re

import yaml

from tests.shape.tree import (
    ROOT,
    RUNNER,
    SRC,
    code,
    header,
    imports,
    libraries,
    python_files,
    steps,
    strings,
    tree,
    where,
)

CODES_PAGE = ROOT / "docs/reference/error-codes.md"
CODE_HEADING = re.compile(r"^## MDB-(\d{3}) ([A-Z][A-Z0-9_]*)\s*$", re.MULTILINE)
RELEASE = re.compile(r"^## \[(\d+\.\d+\.\d+)\]", re.MULTILINE)
USED = re.compile(r"\bERR_([A-Z][A-Z0-9_]*)\b|\bfail\s+([A-Z][A-Z0-9_]*)\b")


def _catalogue() -> dict[str, int]:
    """Name to code, asked of the module itself."""
    from errors import CATALOGUE

    for name, error in CATALOGUE.items():
        assert error.name == name, f"{name} is listed under another name than its own"
    return {name: error.code for name, error in CATALOGUE.items()}


def test_version_is_that_of_the_newest_release_note() -> None:
    config = ROOT / "plugin_config.yml"
    if not config.exists():
        return
    settings = yaml.safe_load(config.read_text(encoding="utf-8"))
    newest = RELEASE.findall((ROOT / "CHANGELOG.md").read_text(encoding="utf-8"))[0]
    assert str(settings["buildNumber"]) == newest
    assert str(settings.get("externalVersion", newest)) == newest


def test_error_codes_are_sound() -> None:
    if not (SRC / "errors.py").exists():
        return
    codes = _catalogue()
    assert len(set(codes.values())) == len(codes), "two entries share a code"
    wrong = {name: value for name, value in codes.items() if not 3 <= value <= 125}
    assert not wrong, f"not free as an exit status: {wrong}"


def test_docs_page_and_catalogue_are_the_same_set() -> None:
    if not CODES_PAGE.exists():
        return
    documented = CODE_HEADING.findall(CODES_PAGE.read_text(encoding="utf-8"))
    assert {name: int(number) for number, name in documented} == _catalogue()
    assert len(documented) == len(_catalogue()), "a code is documented twice"


def test_docs_page_and_checks_are_the_same_list() -> None:
    from domain.problems import CHECKS

    page = (ROOT / "docs/reference/preflight.md").read_text(encoding="utf-8")
    rows = [line.strip("| ").split(" | ") for line in page.splitlines() if line.startswith("| `")]
    known = [[f"`{check.name}`", _link(check.error), check.hint] for check in CHECKS.values()]
    assert [[name, link, hint] for name, link, _, hint in rows] == known


def _link(code: str) -> str:
    number = f"{_catalogue()[code]:03d}"
    return f"[MDB-{number}](error-codes.md#mdb-{number}-{code.lower()})"


def test_scripts_fail_with_codes_of_the_catalogue() -> None:
    if not (SRC / "errors.py").exists():
        return
    known = set(_catalogue())
    for path in steps() + libraries():
        used = {name for match in USED.findall(code(path)) for name in match if name}
        assert used <= known, f"{where(path, 1)}: not in the catalogue: {used - known}"
    for path in steps():
        told = set(header(path).words("Fails"))
        assert told <= known, f"{where(path, 2)}: not in the catalogue: {told - known}"


def test_every_code_is_used() -> None:
    if not RUNNER.exists():
        return
    bash = {
        name
        for path in steps() + libraries()
        for match in USED.findall(code(path))
        for name in match
    }
    python: set[str] = set()
    for path in python_files("src"):
        if path.name != "catalogue.py":
            python |= {str(node.value) for node in strings(path)}
            python |= {n.attr for n in ast.walk(tree(path)) if isinstance(n, ast.Attribute)}
    unused = set(_catalogue()) - bash - python - {"UNEXPECTED"}
    assert not unused, f"in the catalogue and never raised: {unused}"


def test_lab_knows_nothing_of_the_plugin() -> None:
    ours = {"errors", "operations", "ingestion", "server", "domain", "remote", "plugin_runner"}
    for path in sorted((ROOT / "lab").rglob("*")):
        if not path.is_file() or path.suffix == ".pyc":
            continue
        text = path.read_bytes().decode(errors="replace").lower()
        assert "mariadb" not in text, f"{path.relative_to(ROOT)} names the database"
    for path in python_files("lab"):
        for module, node in imports(path):
            assert module.split(".")[0] not in ours | {"demo", "testbed"}, where(path, node)


def test_no_folder_of_tests_is_forgotten() -> None:
    dev = (ROOT / "dev").read_text(encoding="utf-8")
    listed = set(re.findall(r"\btests/\w+", "\n".join(re.findall(r"_TESTS=\(([^)]*)\)", dev))))
    present = {
        f"tests/{path.relative_to(ROOT / 'tests').parts[0]}"
        for path in (ROOT / "tests").rglob("test_*.py")
    }
    assert present <= listed, f"./dev test does not run {present - listed}"


def test_requirements_are_pinned() -> None:
    for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            assert re.fullmatch(r"[A-Za-z0-9._-]+==[\w.+!]+", line), f"not pinned: {line}"
