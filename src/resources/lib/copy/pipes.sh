#!/usr/bin/env bash
# A copy by several pipes that share one consistent snapshot of the source. WORK is the job's directory; WORK/shares
# says which pipe takes what. ALIGN says how they come to one snapshot: `lock` (commits of the source wait until all
# have begun theirs) or `compare` (their binary log coordinates are equal).
# Needs: copy/lock copy/pipe copy/start_pipes job/movement process server/client_errors story

# Without a lock: so often the pipes are begun anew, in the hope that nobody commits while they do.
TURNS=5

# begin_pipes: BEGUN becomes yes when all pipes have begun one snapshot. Nothing goes on into staging before
# open_gate.
begin_pipes() {
    local turn
    BEGUN=no
    [[ -s $WORK/shares ]] || return 0
    mapfile -t PIPE_NAMES < <(cut -f1 "$WORK/shares" | sort -u)
    for ((turn = 1; turn <= TURNS; turn++)); do
        begin_aligned
        [[ $BEGUN == no ]] || return 0
        end_pipes
        [[ $ALIGN == compare && $LOG_SYNC == yes ]] || break
    done
    : >"$WORK/shares"
    log WARNING "the sessions that read the source did not come to one snapshot: one alone copies"
}

# begin_aligned: one turn.
begin_aligned() {
    # Those of the lock on other tables stay as they are.
    # shellcheck disable=SC2034  # the functions of copy/lock use them
    local LOCK_PID='' LOCK_START LOCK_FD HOLDS=commits since=0
    [[ $ALIGN != lock ]] || lock_commits
    start_pipes
    await_pipes
    [[ $ALIGN != lock ]] || unlock_commits
    judge_pipes
}

# lock_commits: where the source or the account does not let us, or somebody makes us wait, ALIGN becomes compare.
lock_commits() {
    local refusal
    lock_open
    if lock_ask locked 'SET SESSION lock_wait_timeout = 5; BACKUP STAGE START; BACKUP STAGE BLOCK_COMMIT;'; then
        since=$(date +%s%3N)
        return
    fi
    refusal=$(error_line "$(<"$WORK/$HOLDS.err")")
    log INFO "commits of the source cannot be held up: $refusal"
    exec {LOCK_FD}>&-
    ALIGN=compare
}

# unlock_commits: proves that the session still held them up.
unlock_commits() {
    lock_tell held ''
    lock_tell released 'BACKUP STAGE END;'
    log INFO "commits of the source waited for $(($(date +%s%3N) - since)) ms"
    exec {LOCK_FD}>&-
    stop_process "$LOCK_PID" "$LOCK_START" 5
}

# await_pipes: until each has begun its snapshot, or has ended.
await_pipes() {
    local name
    stand_still
    for name in "${PIPE_NAMES[@]}"; do
        until [[ -f $WORK/$name.header || -f $WORK/$name.status ]]; do
            require_flow "waiting for the dumps to begin" "$WORK"/*.pid
            pause 0.01
        done
    done
}

# judge_pipes: whether all have begun, at one place of the binary log as far as that tells.
judge_pipes() {
    local name places
    for name in "${PIPE_NAMES[@]}"; do
        [[ -f $WORK/$name.status ]] || continue
        log WARNING "a session that reads the source has ended: $(error_line "$(<"$WORK/$name.dump")")"
        ALIGN=none
        return
    done
    if [[ $LOG_SYNC == yes ]]; then
        places=$(for name in "${PIPE_NAMES[@]}"; do cat "$WORK/$name.header"; done | sort -u)
        [[ $(wc -l <<<"$places") == 1 && -n $places ]] || return 0
    elif [[ $ALIGN != lock ]]; then
        return 0
    fi
    BEGUN=yes
}

# end_pipes: nothing of them has gone into staging.
end_pipes() {
    local name pid
    for name in "${PIPE_NAMES[@]}"; do
        if read -r pid 2>/dev/null <"$WORK/$name.pid"; then kill -TERM "$pid" 2>/dev/null || :; fi
        : >"$WORK/$name.end"
    done
    for name in "${PIPE_NAMES[@]}"; do
        await 30 test -f "$WORK/$name.status" || fail JOB_LOST "the pipe $name does not end"
        rm -f -- "$WORK/$name".{status,header,pid,end,dump,load}
    done
}
