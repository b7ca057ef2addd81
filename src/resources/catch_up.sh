#!/usr/bin/env bash
# Summary: waits a moment for the staging server to have applied a GTID position.
# Inputs: MOUNT DAEMON? BASE_DIR? TARGET? WAIT_SECONDS
# Secrets: -
# Answers: reached replica replicatesFrom ioRunning sqlRunning ioError sqlError lagSeconds binlogFile binlogPosition gtidPosition
# Fails: MOUNT_NOT_OURS MOUNT_NOT_MOUNTED MOUNT_NOT_WRITABLE INSTALLATION_NOT_FOUND SERVER_NOT_RUNNING SERVER_NOT_READY ENTRY_REFUSED SERVER_OLD_LAYOUT SQL_FAILED
# Repeatable: yes, it only waits

main() {
    : "${MOUNT:?}" "${WAIT_SECONDS:?}"
    # shellcheck disable=SC2034  # `sql` reads it
    local result SQL_SECONDS=$((WAIT_SECONDS + 25))
    require_ours
    use_installation
    require_running >/dev/null
    result=$(must_sql "waiting for GTID ${TARGET:-}" <<<"SELECT MASTER_GTID_WAIT($(sql_text "${TARGET:-}"), $WAIT_SECONDS)")
    answer reached "$([[ $result == 0 ]] && echo yes || echo no)"
    replica_answer
}

story_setup
main "$@"
