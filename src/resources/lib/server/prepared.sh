#!/usr/bin/env bash
# XA transactions that are prepared on the server of MOUNT: their rows stay locked until somebody ends them.
# Needs: server/ask

# learn_prepared: PREPARED becomes their names, as SQL takes them.
learn_prepared() {
    local row
    PREPARED=()
    ask "XA RECOVER FORMAT = 'SQL'"
    for row in ${ROWS[@]+"${ROWS[@]}"}; do PREPARED+=("${row##*$'\t'}"); done
}
