#!/usr/bin/env bash
# What the source has defined. WORK is a directory of its own for that.
# Needs: copy/definitions server/client_errors source/client source/sql story

# source_definitions FILE: those of the source.
source_definitions() {
    if definitions "$1" source_client; then return; fi
    source_lives || fail SOURCE_UNREACHABLE "$SOURCE_HOST:$SOURCE_PORT does not answer any more; the server is frozen or the connection is cut"
    source_failed "$(error_line "$(<"$1.err")")"
}

# note_definitions: what the source has defined before it is copied.
note_definitions() {
    grant_questions source_sql >"$WORK/grants.sql"
    source_definitions "$WORK/definitions.source"
}
