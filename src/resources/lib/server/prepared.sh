#!/usr/bin/env bash
# XA transactions that are prepared on the server of MOUNT: their rows stay locked until somebody ends them.
# Needs: server/client story

# prepared_here: their names, as SQL takes them, one a line.
prepared_here() { sql <<<"XA RECOVER FORMAT = 'SQL'" | cut -f4; }

# warn_of_prepared: says of a snapshot that it holds such transactions.
warn_of_prepared() {
    local names
    names=$(prepared_here)
    [[ -z $names ]] || answer warning "$(wc -l <<<"$names") XA transactions are prepared and not committed at this moment; a VDB that is made of this snapshot rolls them back: $(head -n 20 <<<"$names" | paste -sd ' ')"
}
