#!/usr/bin/env bash
# The pipes of a copy, each with what it takes of the source. WORK is the job's directory; WORK/shares says which pipe
# takes what.
# Needs: copy/engines copy/pipe copy/small writers

# start_pipes: each with its share, in the background.
start_pipes() {
    local -a options coordinates=()
    # shellcheck disable=SC2034  # `copy` reads it
    local name ignored GATE=yes
    # Never as an argument: a failure there goes unseen, and nothing would be left out.
    ignored=$(not_in_snapshot && taken_by_others)
    read -r -a options <<<"$DUMP_OPTIONS"
    [[ $LOG_SYNC != yes ]] || coordinates=(--master-data=2)
    for name in "${PIPE_NAMES[@]}"; do
        start_share "$name" "$ignored" --single-transaction --skip-add-locks ${coordinates[@]+"${coordinates[@]}"} ${options[@]+"${options[@]}"}
    done
}

# not_in_snapshot: option file lines for all but the transactional tables.
not_in_snapshot() { ignore_lines "table_type IN ('VIEW', 'SEQUENCE') OR IFNULL(engine, '') NOT IN ($TRANSACTIONAL) OR $FLOATS"; }

# taken_by_others: option file lines that leave out of whole databases what other pipes take.
taken_by_others() {
    local line
    local -a ROW
    while IFS= read -r line && [[ -n $line ]]; do
        decode_row "$line"
        option_line ignore-table "${ROW[2]}.${ROW[3]}"
    done < <(awk -F '\t' '$2 != "own"' "$WORK/shares")
}

# start_share NAME IGNORED OPTION...: the pipe NAME.
start_share() {
    # The load begins before its database is there.
    local name=$1 ignored=$2 line where='' INTO='' CHECKED=''
    local -a ROW own=() tables=()
    shift 2
    while IFS= read -r line; do
        decode_row "$line"
        case ${ROW[1]} in
            own) own+=("${ROW[2]}") ;;
            *) INTO=${ROW[2]} where=${ROW[4]:-} tables+=("${ROW[3]}") ;;
        esac
    done < <(awk -F '\t' -v name="$name" '$1 == name' "$WORK/shares")
    if ((${#own[@]} > 0)); then
        # shellcheck disable=SC2034  # `copy` reads it
        CHECKED=$(holds_small "$name")
        copy "$name" '' "$ignored" "$@" --databases -- "${own[@]}"
    else
        # What they go into is there when the gate is open.
        copy "$name" '' '' "$@" --no-create-info --skip-triggers ${where:+--where="$where"} -- "$INTO" "${tables[@]}"
    fi
}
