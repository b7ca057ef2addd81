#!/usr/bin/env bash
# What staging has defined. WORK is the job's directory.
# Needs: copy/definitions server/client server/client_errors server/find story

# staging_definitions: WORK/definitions.staging becomes what it has defined.
staging_definitions() {
    definitions "$WORK/definitions.staging" sql || staging_failed "$(<"$WORK/definitions.staging.err")"
}

# staging_failed ERRORS: staging did not tell its definitions.
staging_failed() {
    try_sql <<<'DO 0' >/dev/null || fail SERVER_NOT_READY "comparing definitions: $(server_state)"
    fail SQL_FAILED "comparing definitions: $(error_line "$1")"
}
