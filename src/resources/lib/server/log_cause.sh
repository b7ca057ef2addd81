#!/usr/bin/env bash
# Why the server of MOUNT ended, by its error log.
# Needs: server/cause server/error_log
# Constants: ERROR_LOG

# whole_log: as new_log, and far more of it: a server that ends may say much after the cause.
whole_log() {
    [[ ! -f $MOUNT/$ERROR_LOG ]] || tail -c +"$((LOG_MARK + 1))" "$MOUNT/$ERROR_LOG" | tail -n 2000
}

# last_words: why the server of MOUNT is not there any more, by its last life in the log: the cause of its end,
# else its last line, such as that of a shutdown in good order.
last_words() {
    local life
    life=$(whole_log | awk '/ Starting MariaDB | starting as process / { text = "" } { text = text $0 "\n" } END { printf "%s", text }')
    if [[ $life == *'Shutdown complete'* ]]; then life=''; fi
    life=$(cause_of <<<"$life")
    printf '%s' "${life:-$(new_log | { grep -v '^$' || :; } | tail -n 1)}"
}

# cause_in_log: prints the line that tells why the server ended, else the last line that it wrote.
cause_in_log() {
    local cause
    cause=$(whole_log | cause_of)
    if [[ -z $cause ]]; then cause=$(new_log | { grep -v '^$' || :; } | tail -n 1); fi
    printf '%s' "$cause"
}
