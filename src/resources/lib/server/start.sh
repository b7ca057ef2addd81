#!/usr/bin/env bash
# Starting the server of MOUNT with its own configuration, and proving that it is the right one.
# Needs: answer dataset/fitting dataset/flush dataset/launched dataset/note_files dataset/write
#     dataset/written_by host/ports host/programs plugin_1_0/recognise plugin_1_0/recover server/cause
#     server/client server/find server/launch server/libraries server/prove server/running server/stop
#     server/upgrade story
# Constants: INIT_FILE MARKER_FILE OPTION_FILE RUN

# start_server: writes the configuration, starts the server and proves it. A running server is left alone,
# unless RESTART is yes or it belongs to plugin 1.0.0, an upgrade, a dead step or an earlier mount at MOUNT.
start_server() {
    local pid stopped=no
    pid=$(server_pid)
    if [[ -n $pid ]] && { [[ $RESTART == yes ]] || legacy_running || being_upgraded || abandoned "$pid" || ! is_current "$pid"; }; then
        stop_servers "$STOP_SECONDS"
        pid='' stopped=yes
    fi
    if [[ -n $pid ]]; then
        require_running >/dev/null
        answer already yes
        sql <<<"SELECT 'version', VERSION()" | answer_tagged
        return
    fi
    ask_daemon
    require_fitting_place
    make_directories
    # One that loads does not flush by itself.
    [[ $stopped == no ]] || flush_dataset 600
    settle_replication
    link_libraries
    recover_legacy
    renumber_marker
    write_text "$MOUNT/$OPTION_FILE" <<<"$CONFIG"
    write_text "$MOUNT/$INIT_FILE" <<<"$INIT_SQL"
    open_files
    launch_server "$START_SECONDS"
    rm -f -- "$MOUNT/$RUN/stopped"
    prove_server
}

# require_fitting_place: port, server id and files are there for this server; asked once in a step.
require_fitting_place() {
    [[ $PLACED == no ]] || return 0
    require_free_port "$PORT"
    require_free_server_id "$SERVER_ID"
    require_fitting_files
    PLACED=yes
}
PLACED=no

# open_files: the files are about to be opened by DAEMON; those of an older series are upgraded.
open_files() {
    local by='' state=''
    read -r by state < <(files_note) || :
    learn_daemon
    if [[ $state == upgrading || (-n $by && $(series_number "$by") != "$(series_number "$DAEMON_RUNS")") ]]; then
        require_sound_options
        log INFO "bringing the files from $by to $DAEMON_RUNS"
        note_files "$DAEMON_RUNS" upgrading
        upgrade_files
    fi
    note_files "$DAEMON_RUNS" open
}

# require_sound_options: DAEMON understands its option file. Asked before it may touch files of another
# series, which could not go back then.
require_sound_options() {
    local story
    story=$(timeout -k 1 30 "$DAEMON" --defaults-file="$MOUNT/$OPTION_FILE" --verbose --help 2>&1 >/dev/null </dev/null) ||
        fail SERVER_DIED "$(cause_of <<<"$story" | grep . || tail -n 1 <<<"$story")"
}

# renumber_marker: the dataset's own port and server id, which its owner may have changed.
renumber_marker() {
    sed -e "s/^\( *\"port\": *\)[0-9]*/\1$PORT/" -e "s/^\( *\"serverId\": *\)[0-9]*/\1$SERVER_ID/" \
        "$MOUNT/$MARKER_FILE" | write_text "$MOUNT/$MARKER_FILE"
}
