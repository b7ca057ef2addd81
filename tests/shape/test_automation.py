"""docs/guides/automation.md: what it quotes stands in examples/, and its JSON fits the schema."""

import json
import re
import textwrap

import pytest

from lab.plugin.schema import check
from tests.shape.tree import ROOT

EXAMPLES = ROOT / "examples"
TEXT = (ROOT / "docs/guides/automation.md").read_text(encoding="utf-8")
SCHEMA = json.loads((ROOT / "schema.json").read_text(encoding="utf-8"))
QUOTES = re.findall(r"^From `examples/([^`]+)`:\n\n```(\w+)\n(.*?)^```$", TEXT, flags=re.M | re.S)
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```$", TEXT, flags=re.M | re.S)
LANGUAGES = {"sh": "bash", "py": "python", "tf": "hcl", "yml": "yaml"}


def lines(text: str) -> str:
    """Without the blanks that stand before whole parts."""
    return "\n".join(line.strip() for line in text.strip().splitlines())


@pytest.mark.parametrize(("file", "language", "quoted"), QUOTES, ids=lambda text: text[:20])
def test_what_is_quoted_stands_in_the_file(file: str, language: str, quoted: str) -> None:
    path = EXAMPLES / file
    assert LANGUAGES[path.suffix[1:]] == language
    text = path.read_text(encoding="utf-8")
    assert lines(quoted) in lines(text)
    assert textwrap.dedent(quoted) == quoted


def test_every_block_is_a_quotation_or_json() -> None:
    quoted = [(language, text) for _, language, text in QUOTES]
    assert [block for block in BLOCKS if block[0] != "json" and block not in quoted] == []


def test_every_example_is_named() -> None:
    named = set(re.findall(r"`(?:examples/)?([\w./-]+\.(?:sh|py|tf|yml))`", TEXT))
    for path in EXAMPLES.rglob("*.*"):
        shared = path.name in ("lib.sh", "common.py", "variables.tf", "login.yml")
        assert shared or any(name.endswith(path.name) for name in named), path


def test_json_fits_the_schema() -> None:
    """Parameters of a dSource, of a source config, and bodies with parameters in them."""
    found = [json.loads(text) for language, text in BLOCKS if language == "json"]
    kinds = set()
    for content in found:
        if "ingestionMode" in content:
            kinds.add("linkedSourceDefinition")
            check("parameters", SCHEMA["linkedSourceDefinition"], content)
        elif content["type"] == "AppDataStagedSourceConfig":
            kinds.add("sourceConfigDefinition")
            check("parameters", SCHEMA["sourceConfigDefinition"], content["parameters"])
        else:
            pytest.fail(f"a body that no test knows: {content}")
    assert kinds == {"linkedSourceDefinition", "sourceConfigDefinition"}


def test_bodies_in_the_table_are_json() -> None:
    bodies = re.findall(r"^\| `POST [^`]+` \| `(\{[^`]+\})` \|$", TEXT, flags=re.M)
    assert len(bodies) == 7
    assert all(json.loads(body)["type"] for body in bodies)
