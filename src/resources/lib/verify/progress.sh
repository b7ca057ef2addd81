#!/usr/bin/env bash
# How far a comparison is. WORK is the job's directory.
# Constants: RUN

# tell_progress: which table both ends are at, and how many bytes are behind them.
tell_progress() {
    local done_source done_staging
    [[ -s $WORK/plan && -f $WORK/source.sql ]] || return 0
    done_source=$(tail -n 1 "$WORK/source.rows" | cut -f1)
    done_staging=$(tail -n 1 "$WORK/staging.rows" | cut -f1)
    [[ $done_source =~ ^[0-9]+$ ]] || done_source=0
    [[ $done_staging =~ ^[0-9]+$ ]] || done_staging=0
    awk -F '\t' -v one="$done_source" -v two="$done_staging" -v phase="$MOUNT/$RUN/job/phase" -v bytes="$MOUNT/$RUN/job/bytes" '
        $1 <= one { moved += $5 }
        $1 <= two { moved += $5 }
        END {
            slow = one < two ? one : two
            print "comparing, " slow " of " NR " tables done" > phase
            printf "%d\n", moved / 2 > bytes
        }' "$WORK/plan"
}
