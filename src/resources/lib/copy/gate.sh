#!/usr/bin/env bash
# The gate between a dump of the source and its load: what several pipes load needs a place first. WORK is the job's
# directory.
# Needs: server/client story writers

# await_gate NAME: until the gate of the pipe is open, and says then which database it goes into; 1 when it is to end.
# A job that was killed leaves nobody who would open it.
await_gate() {
    local first=${1%.*}.1
    until [[ -f $WORK/go ]]; do
        if [[ -f $WORK/$1.end ]] || ! kill -0 "$$" 2>/dev/null; then return 1; fi
        pause 0.05
    done
    [[ -z ${INTO:-} ]] || printf 'USE %s;\n' "$(sql_name "$INTO")"
    [[ $1 == piece*.* && $1 != "$first" ]] || return 0
    # Two that begin an empty table at one time lock all of it against each other (since 10.6).
    until [[ -f $WORK/$first.status ]] || has_rows "$1"; do
        kill -0 "$$" 2>/dev/null || return 1
        pause 0.1
    done
}

# has_rows NAME: of the table of a piece.
has_rows() {
    local line
    local -a ROW
    line=$(awk -F '\t' -v name="$1" '$1 == name' "$WORK/shares")
    decode_row "$line"
    [[ $(try_sql <<<"SELECT 1 FROM $(sql_name "${ROW[2]}" "${ROW[3]}") LIMIT 1") == 1 ]]
}
