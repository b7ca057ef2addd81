"""The text file on the host. A notebook is open while a file `open` lies beside it."""

import logging

from dlpx.virtualization import libs
from dlpx.virtualization.platform.exceptions import UserError

logger = logging.getLogger(__name__)


def run(connection, command, **variables):
    logger.debug("running %s", command)
    result = libs.run_bash(connection, command, variables)
    if result.exit_code != 0:
        raise UserError("The notebook could not be used", "Look at the output.", result.stderr)
    return result.stdout


def folders(connection):
    script = 'for f in /opt/notebook/*/; do [ ! -d "$f" ] || echo "${f%/}"; done'
    return run(connection, script).splitlines()


def notebooks(connection, folder):
    script = 'for f in "$FOLDER"/*.txt; do [ ! -f "$f" ] || echo "$f"; done'
    return run(connection, script, FOLDER=folder).splitlines()


def copy(staged_source, path):
    text = run(staged_source.source_connection, 'cat "$FILE"', FILE=path)
    target = staged_source.mount.mount_path
    script = 'umask 077; printf %s "$TEXT" > "$DIR/notes.txt"; touch "$DIR/open"'
    run(staged_source.staged_connection, script, DIR=target, TEXT=text)
    logger.info("copied %d bytes", len(text))


def note(connection, folder, word):
    run(connection, 'echo "$WORD" >> "$DIR/notes.txt"', DIR=folder, WORD=word)


def count(connection, folder):
    return int(run(connection, 'wc -l < "$DIR/notes.txt"', DIR=folder))


def size(connection, folder):
    return int(run(connection, 'wc -c < "$DIR/notes.txt"', DIR=folder))


def set_open(connection, folder, wanted):
    run(connection, f'{"touch" if wanted else "rm -f"} "$DIR/open"', DIR=folder)


def is_open(connection, folder):
    script = '[ ! -e "$DIR/open" ] || echo yes'
    return run(connection, script, DIR=folder).strip() == "yes"


def refuse_used_folder(physical_source):
    script = 'ls -A "$DIR" 2>/dev/null || true'
    if run(physical_source.connection, script, DIR=physical_source.target_directory).strip():
        raise UserError("The target folder is not empty", "Choose another one.")
