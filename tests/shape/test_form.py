"""The forms that the UI makes of schema.json: what they show, in which order, with what help."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import chain, combinations
from typing import Any

import pytest

from tests.shape.test_parameters import SCHEMA, Json, properties
from tests.shape.tree import ROOT

LINKED, VIRTUAL = "linkedSourceDefinition", "virtualSourceDefinition"
# Those that people fill in.
FORMS = ("sourceConfigDefinition", LINKED, VIRTUAL, "snapshotParametersDefinition")
LONGEST_HELP = 100
# For people who know why; they come last.
EXPERT = {
    LINKED: (
        "stagingBaseDir configSettings catchUpTimeout copySessions transferPort "
        "transferCompression stagingServerId recordSizeInKB"
    ).split(),
    VIRTUAL: "configSettings serverId recordSizeInKB".split(),
}

# -- expressions -----------------------------------------------------------------------------------

TOKEN = re.compile(r"\s*(===|!==|&&|\|\||!|\(|\)|'[^'\\]*'|true\b|false\b|model\.[a-zA-Z]+)")


class Expression:
    """The part of JavaScript that hideExpressions may use, and nothing beyond.

    Comparisons (===, !==) of names of the model with texts, true and false; !, &&, || and brackets.
    """

    def __init__(self, text: str, model: Mapping[str, Any]) -> None:
        """Reads `text` into tokens; ValueError for what is none."""
        self.tokens: list[str] = []
        self.model = model
        at = 0
        while text[at:].strip():
            found = TOKEN.match(text, at)
            if not found:
                raise ValueError(f"not understood: {text[at:]}")
            self.tokens.append(found[1])
            at = found.end()

    def value(self) -> bool:
        """What Formly makes of it; ValueError for what is no expression."""
        value = self._either()
        if self.tokens:
            raise ValueError(f"not understood: {self.tokens}")
        return _true(value)

    def _take(self, *wanted: str) -> str:
        return self.tokens.pop(0) if self.tokens and self.tokens[0] in wanted else ""

    def _either(self) -> Any:
        value = self._both()
        while self._take("||"):
            value = _true(self._both()) or _true(value)
        return value

    def _both(self) -> Any:
        value = self._comparison()
        while self._take("&&"):
            value = _true(self._comparison()) and _true(value)
        return value

    def _comparison(self) -> Any:
        value = self._single()
        if operator := self._take("===", "!=="):
            other = self._single()
            same = type(value) is type(other) and value == other
            return same == (operator == "===")
        return value

    def _single(self) -> Any:
        if self._take("!"):
            return not _true(self._single())
        if self._take("("):
            value = self._either()
            if not self._take(")"):
                raise ValueError("a bracket is not closed")
            return value
        token = self.tokens.pop(0) if self.tokens else ""
        if token.startswith("model."):
            return self.model.get(token.removeprefix("model."))
        if token.startswith("'"):
            return token[1:-1]
        if token in ("true", "false"):
            return token == "true"
        raise ValueError(f"not understood: {token!r}")


def _true(value: Any) -> bool:
    return value is not None and value is not False and value != ""


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True),
        ("false", False),
        ("model.text === 'a b'", True),
        ("model.text !== 'a b'", False),
        ("model.none === 'a b'", False),
        ("model.none !== 'a b'", True),
        ("model.none === false", False),
        ("model.off === false", True),
        ("!model.none && !model.off && !!model.text", True),
        ("true || false && false", True),
        ("(true || false) && false", False),
    ],
)
def test_expressions(text: str, value: bool) -> None:
    assert Expression(text, {"text": "a b", "off": False}).value() is value


@pytest.mark.parametrize(
    "text", ["", "model.a == 'b'", "alert(1)", "(true", "true true", "model.a ===", "'a' + 'b'"]
)
def test_what_is_no_expression(text: str) -> None:
    with pytest.raises(ValueError, match=r"not understood|bracket"):
        Expression(text, {}).value()


def hidden_when(field: Json) -> str:
    """The hideExpression of a field; `false` when it has none."""
    found = field.get("dxFormProperties", {}).get("hideExpression", "false")
    assert isinstance(found, str)
    return found


def test_expressions_name_what_there_is() -> None:
    """A word that is misspelt would hide a field for ever, or never."""
    for kind in FORMS:
        there = properties(kind)
        for name, field in there.items():
            text = hidden_when(field)
            assert set(re.findall(r"model\.(\w+)", text)) <= set(there) - {name}, name
            for key, value in re.findall(r"model\.(\w+) [!=]== '([^']*)'", text):
                assert value in there[key]["enum"], (name, value)


# -- which fields are shown ------------------------------------------------------------------------

ALWAYS = """mountPath stagingPort ingestionMode
    stagingBaseDir configSettings stagingServerId recordSizeInKB"""
REPLICATION = f"{ALWAYS} backupOrigin logSync"
SOURCE = "sourceHost sourcePort sourceCredentials tlsMode"
TRANSFER = "transferPort transferCompression"
FOLLOWING = "replicationCredentials catchUpTimeout"
BACKUP = "backupPath targetDatabase partialBackup"
MANAGED, USER = "Delphix Managed Backup", "User Provided Backup"

# Way in: ingestionMode, backupOrigin, backupMethod, logSync; and the fields.
WAYS: dict[str, tuple[tuple[Any, ...], str]] = {
    "managed, LogSync": (
        ("Replication", MANAGED, "Logical", True),
        f"{REPLICATION} backupMethod {SOURCE} databases copySessions {FOLLOWING}",
    ),
    "managed": (
        ("Replication", MANAGED, "Logical", False),
        f"{REPLICATION} backupMethod {SOURCE} databases copySessions",
    ),
    "files, LogSync": (
        ("Replication", MANAGED, "Physical", True),
        f"{REPLICATION} backupMethod {SOURCE} {TRANSFER} {FOLLOWING}",
    ),
    "files": (
        ("Replication", MANAGED, "Physical", False),
        f"{REPLICATION} backupMethod {SOURCE} {TRANSFER}",
    ),
    **{
        f"backup, {method}, {log_sync}": (("Replication", USER, method, log_sync), fields)
        for method in ("Logical", "Physical")
        for log_sync, fields in (
            (True, f"{REPLICATION} {BACKUP} {SOURCE} databases {FOLLOWING}"),
            (False, f"{REPLICATION} {BACKUP}"),
        )
    },
    # What was chosen before the mode was does not matter.
    **{
        f"manual after {origin}, {method}, {log_sync}": (
            ("Manual Ingestion", origin, method, log_sync),
            f"{ALWAYS} stagingCredentials",
        )
        for origin in (MANAGED, USER)
        for method in ("Logical", "Physical")
        for log_sync in (True, False)
    },
}
TLS_FILES = {
    "Disabled": "",
    "Required": "tlsCertPath tlsKeyPath",
    "Verify CA": "tlsCaPath tlsCertPath tlsKeyPath",
    "Verify Identity": "tlsCaPath tlsCertPath tlsKeyPath",
}
CHOICES = ("ingestionMode", "backupOrigin", "backupMethod", "logSync", "tlsMode")


def shown(there: Json, model: Json) -> set[str]:
    """The fields that a form shows."""
    return {name for name in there if not Expression(hidden_when(there[name]), model).value()}


def wrong(there: Json) -> Iterator[str]:
    """Fields that are shown or hidden against the tables; a default may be filled in or not."""
    defaults = {name: properties(LINKED)[name]["default"] for name in CHOICES}
    for (chosen, fields), (tls, files) in (
        (way, file) for way in WAYS.values() for file in TLS_FILES.items()
    ):
        full = dict(zip(CHOICES, (*chosen, tls), strict=True))
        wanted = set(fields.split()) | (set(files.split()) if "tlsMode" in fields else set())
        may_be_missing = [name for name in CHOICES if full[name] == defaults[name]]
        for missing in chain.from_iterable(
            combinations(may_be_missing, count) for count in range(len(may_be_missing) + 1)
        ):
            model = {name: full[name] for name in CHOICES if name not in missing}
            for name in shown(there, model) ^ wanted:
                yield f"{name} in {model}"


def test_a_dsource_shows_what_its_mode_uses() -> None:
    assert not list(wrong(properties(LINKED)))


@pytest.mark.parametrize("name", properties(LINKED))
def test_a_field_that_is_wrongly_shown_is_found(name: str) -> None:
    """And one that is wrongly hidden."""
    for text in {"true", "false"} - {hidden_when(properties(LINKED)[name])}:
        field = {**properties(LINKED)[name], "dxFormProperties": {"hideExpression": text}}
        assert any(found.startswith(name) for found in wrong({**properties(LINKED), name: field}))


@pytest.mark.parametrize("kind", [kind for kind in FORMS if kind != LINKED])
def test_the_other_forms_show_all(kind: str) -> None:
    assert shown(properties(kind), {}) == set(properties(kind))


@pytest.mark.parametrize("kind", FORMS)
def test_no_choice_of_one(kind: str) -> None:
    for name, field in properties(kind).items():
        assert len(field.get("enum", "ab")) > 1 or hidden_when(field) == "true", name


@pytest.mark.parametrize("kind", FORMS)
def test_what_is_required_is_never_hidden(kind: str) -> None:
    for name in SCHEMA[kind].get("required", ()):
        assert hidden_when(properties(kind)[name]) == "false", name


# -- order and help --------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", EXPERT)
def test_what_experts_set_comes_last(kind: str) -> None:
    order = SCHEMA[kind]["ordering"]
    assert sorted(order) == sorted(properties(kind))
    assert order[-len(EXPERT[kind]) :] == EXPERT[kind]


@pytest.mark.parametrize("kind", EXPERT)
def test_a_field_comes_behind_what_hides_it(kind: str) -> None:
    """So that a choice changes the form below it only."""
    order = SCHEMA[kind]["ordering"]
    for name, field in properties(kind).items():
        for key in re.findall(r"model\.(\w+)", hidden_when(field)):
            assert order.index(key) < order.index(name), (key, name)


def fields() -> list[Any]:
    """Every field of every form, those of lists too, for a test each."""
    found = []
    for kind in FORMS:
        form = kind.removesuffix("Definition")
        for name, field in properties(kind).items():
            found.append(pytest.param(field, id=f"{form}.{name}"))
            inner = field.get("items", {}).get("properties", {})
            found += [pytest.param(inner[key], id=f"{form}.{name}.{key}") for key in inner]
    return found


every_field = pytest.mark.parametrize("field", fields())


@every_field
def test_help_is_one_line_with_an_example(field: Json) -> None:
    text = field["description"]
    assert len(text) <= LONGEST_HELP
    assert "\n" not in text
    if "enum" in field:
        lacking = [value for value in field["enum"] if not re.search(rf"\b{value}[:.]", text)]
        assert not lacking
    elif field.get("type") == "boolean":
        assert text.startswith("On: ")
    else:
        assert re.search(r"e\.g\. \S|such as \S", text)


@every_field
def test_messages_are_where_the_ui_looks(field: Json) -> None:
    """The SDK reads them below dxFormProperties; a pattern alone would be told as such."""
    assert "validationMessages" not in field
    messages = field.get("dxFormProperties", {}).get("validationMessages", {})
    assert set(messages) <= set(field)
    assert ("pattern" in field) == ("pattern" in messages)


def test_logsync_is_told_from_the_engines() -> None:
    field = properties(LINKED)["logSync"]
    assert field["prettyName"] != "LogSync"
    assert "Not the engine's LogSync" in field["description"]


# -- docs ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "anchor"), [(LINKED, "dsource"), (VIRTUAL, "vdb")])
def test_the_reference_has_the_forms_order_and_labels(kind: str, anchor: str) -> None:
    text = (ROOT / "docs/reference/parameters.md").read_text(encoding="utf-8")
    part = text.split(f"{{ #{anchor} }}")[1].split("\n##")[0]
    rows = re.findall(r"^\| (?:\*\*)?`(\w+)`(?:\*\*)? \| ([^|]+) \|", part, re.M)
    order = SCHEMA[kind]["ordering"]
    assert rows == [(name, properties(kind)[name]["prettyName"]) for name in order]


def test_guides_name_fields_by_their_labels() -> None:
    labels = {field["prettyName"] for kind in FORMS for field in properties(kind).values()}
    seen = 0
    for path in sorted((ROOT / "docs/guides").glob("*.md")):
        for table in re.findall(r"^\| Field \|.*\n(?:\|.*\n)+", path.read_text("utf-8"), re.M):
            for row in table.splitlines()[2:]:
                named = row.split("|")[1].strip()
                assert named in labels or set(named.split(", ")) <= labels, (path.name, named)
                seen += 1
    assert seen
