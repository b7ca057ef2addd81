"""Makes the command text of a step: the constants and the bash files that it needs, in order.

Scripts are ordinary files, so that shellcheck and the tests see what runs. Each says in its header
which files of `resources/lib` it needs and which constants of Python; both are followed here.
"""

from __future__ import annotations

import pkgutil
import re
import shlex
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from catalogue import CATALOGUE
from remote.constants import CONSTANTS

# What a header may say. The first ones make the manual of a step.
MANUAL = ("Summary", "Inputs", "Secrets", "Answers", "Fails", "Repeatable")
FIELDS = (*MANUAL, "Needs", "Constants")
# Constants that differ from step to step, taken from its header; COMMAND is the text itself.
OF_STEP = frozenset({"INPUTS", "SECRETS", "COMMAND"})

_FIELD = re.compile(r"# ([A-Z][a-z]+):\s*(.*)$")
_CONTINUED = re.compile(r"#\s{2,}\S")
_FUNCTION = re.compile(r"(\w+)\(\) [{(]")
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Header:
    """The header of a bash file: field name to text, as written."""

    fields: Mapping[str, str]

    def words(self, field: str) -> list[str]:
        """The words of a field; `-` stands for none. Remarks stand in brackets: (like this)."""
        text = re.sub(r"\([^)]*\)", "", self.fields.get(field, ""))
        return [word for word in text.replace(",", " ").split() if word != "-"]


def header(text: str) -> Header:
    """Reads a header. A line that is indented below its field continues the field."""
    fields: dict[str, str] = {}
    name = ""
    for line in text.splitlines()[1:]:
        if not line.startswith("#"):
            break
        found = _FIELD.match(line)
        if found and found[1] in FIELDS:
            name = found[1]
            fields[name] = found[2].strip()
        elif name and _CONTINUED.match(line):
            fields[name] += " " + line[1:].strip()
        else:
            name = ""
    return Header(fields)


@cache
def files_of(name: str) -> tuple[str, ...]:
    """A bash file and all that it needs; what is needed stands before what needs it.

    Args:
        name: below `resources`, without `.sh`, e.g. `steps/server_start`.

    Raises:
        FileNotFoundError: when one of them is not there.
        ValueError: when files need each other in a circle.
    """
    ordered: list[str] = []
    _follow(name, (), ordered)
    return tuple(ordered)


def _follow(name: str, above: tuple[str, ...], ordered: list[str]) -> None:
    if name in above:
        raise ValueError(f"these need each other in a circle: {' -> '.join((*above, name))}")
    if name in ordered:
        return
    for needed in header(_resource(name)).words("Needs"):
        _follow(f"lib/{needed}", (*above, name), ordered)
    ordered.append(name)


@cache
def command_text(script: str) -> str:
    """The whole command of one step.

    Args:
        script: name of a file in `resources/steps` without `.sh`, e.g. `server_start`.

    Raises:
        FileNotFoundError, ValueError: as `files_of`.
    """
    files = files_of(f"steps/{script}")
    text = reached(assembled(files, header(_resource(files[-1]))))
    if "COMMAND" in constants_of(files):
        text = known_to_itself(text)
    return f"# step: {script}\n{text}"


def constants_of(files: Iterable[str]) -> set[str]:
    """Names of the constants that these files need."""
    return {word for name in files for word in header(_resource(name)).words("Constants")}


def assembled(files: Iterable[str], manual: Header) -> str:
    """Exit codes, the constants that these files need, and the files.

    Args:
        files: in their order.
        manual: header of the step: its `Fails` tells the exit codes (without it: all of them), its
            inputs and secrets become INPUTS and SECRETS.
    """
    files = tuple(files)
    values = {**CONSTANTS, **_of_step(manual)}
    codes = {
        f"ERR_{name}": str(CATALOGUE[name].code) for name in manual.words("Fails") or CATALOGUE
    }
    given = {name: values[name] for name in sorted(constants_of(files) - {"COMMAND"})}
    bodies = [_body(_resource(name)) for name in files]
    # The user's profile may export a name of ours (TMP): no program shall get our value for it.
    own = f"export -n {' '.join(given)}" if given else ""
    return "\n".join([*_assignments(codes), *_assignments(given), own, "", *bodies])


def _of_step(manual: Header) -> dict[str, str]:
    """INPUTS and SECRETS: the names in the step's header, separated by blanks."""
    return {
        name.upper(): " ".join(word.rstrip("?") for word in manual.words(name))
        for name in ("Inputs", "Secrets")
    }


def _assignments(values: Mapping[str, str]) -> Iterable[str]:
    return (f"{name}={shlex.quote(value)}" for name, value in values.items())


def known_to_itself(text: str) -> str:
    """A text that puts `text` into the variable COMMAND and then runs it from there.

    A step that starts a background job passes COMMAND on to it (lib/job/run.sh), so the job runs
    the same text. Step and job both read it through descriptor 9. The text closes the descriptor
    first, so that no daemon inherits it.
    """
    own = f"exec 9<&-\nexport -n COMMAND\n{text}"
    # Shorter than by shlex.quote, and texts hold hundreds of quotes.
    quoted = own.replace("'", "'\\''")
    return f"COMMAND='{quoted}'\nsource /dev/fd/9 9< <(printf '%s\\n' \"$COMMAND\")\n"


def _resource(name: str) -> str:
    data = pkgutil.get_data("resources", f"{name}.sh")
    if data is None:  # pragma: no cover - pkgutil answers None only for odd loaders
        raise FileNotFoundError(name)
    return data.decode("utf-8")


def _body(text: str) -> str:
    """The script without the lines that are comments, which are for people.

    A test proves that every line that begins with a # is a comment, and none the part of a text.
    """
    lines = text.splitlines(keepends=True)
    return "".join(line for line in lines if not line.lstrip().startswith("#")).lstrip("\n")


def reached(text: str) -> str:
    """What can be come to of bash files: what stands in no function, and functions named by that.

    Args:
        text: of the files. As shfmt writes it, a function ends with a line that is its bracket.
    """
    parts = list(_parts(text))
    functions = dict(parts)
    waiting, seen = [part for name, part in parts if not name], {""}
    while waiting:
        for word in set(_WORD.findall(waiting.pop())) - seen:
            if word in functions:
                seen.add(word)
                waiting.append(functions[word])
    return "".join(part for name, part in parts if name in seen)


def _parts(text: str) -> Iterator[tuple[str, str]]:
    """Name and text of each function, and an empty name with what stands between them."""
    name = ""
    lines: list[str] = []
    for line in text.splitlines(keepends=True):
        found = None if name else _FUNCTION.match(line)
        if found:
            yield "", "".join(lines)
            name, lines = found[1], []
        lines.append(line)
        on_one_line = found and not line.rstrip().endswith(("{", "("))
        if name and (on_one_line or line.rstrip() in ("}", ")")):
            yield name, "".join(lines)
            name, lines = "", []
    yield name, "".join(lines)
