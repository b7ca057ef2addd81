"""What bash and Python both know. Bash files name in their headers what they need of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from domain import outside, plugin_1_0
from domain.dataset import layout
from domain.dataset.data_files import FILE_SETTINGS
from domain.dataset.marker import PLUGIN_ID
from domain.options import my_cnf, owned
from domain.source.facts import SYSTEM_SCHEMAS
from domain.source.limits import LIMITS
from domain.sql import sql_text


def _sql_list(names: Iterable[str]) -> str:
    return ", ".join(sql_text(name) for name in names)


CONSTANTS: Mapping[str, str] = {
    "PLUGIN_ID": PLUGIN_ID,
    # Paths below the mount.
    "DATA": layout.DATA,
    "LOG": layout.LOG,
    "TMP": layout.TMP,
    "RUN": layout.RUN,
    "FILES": layout.FILES,
    "PLUGINS": layout.PLUGINS,
    "SOCKET": layout.SOCKET,
    "PID_FILE": layout.PID_FILE,
    "ERROR_LOG": layout.ERROR_LOG,
    "INIT_FILE": layout.INIT_FILE,
    "REQUIRED_FILE": layout.REQUIRED_FILE,
    "OPTION_FILE": layout.OPTION_FILE,
    "MARKER_FILE": layout.MARKER_FILE,
    "WARNINGS_FILE": layout.WARNINGS_FILE,
    "SEEN_FILE": layout.SEEN_FILE,
    "UNIT_FILE": layout.UNIT_FILE,
    "GUIDE_FILE": layout.GUIDE_FILE,
    # The beginning of an option file of ours.
    "OUR_CONFIG": my_cnf.FIRST_WORDS,
    # Lists of SQL literals.
    "SYSTEM_SCHEMAS": _sql_list(SYSTEM_SCHEMAS),
    "SOURCE_LIMITS": _sql_list(LIMITS),
    "FILE_SETTINGS": _sql_list(FILE_SETTINGS),
    "REACHING": _sql_list(outside.ENGINES),
    # The beginning of a comment; a table has it by our doing.
    "STAND_IN": outside.STAND_IN,
    # Names of settings, blanks between; extended regular expressions.
    "LEFT_BEHIND": " ".join(sorted(plugin_1_0.LEFT_BEHIND)),
    "LEFT_BEHIND_FAMILY": plugin_1_0.LEFT_BEHIND_FAMILY,
    "LISTS_OF_FILES": " ".join((*owned.FILE_LISTS, *owned.LOADS)),
    "PATH_SETTINGS": owned.PATH_SETTINGS,
    "READ_SETTINGS": owned.READ_SETTINGS,
    "PLUGIN_MARK": outside.PLUGIN_MARK,
    "REACHING_LIBRARIES": outside.LIBRARIES,
}
