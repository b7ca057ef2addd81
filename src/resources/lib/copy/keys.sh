#!/usr/bin/env bash
# Secondary keys of the tables that pipes of their own load: made when all rows are there, by sorting, instead of row by
# row. WORK is the job's directory.
# Needs: copy/load copy/pipe dataset/write job/run server/find

# Of a table in text[1] to text[n]: `can_wait` says whether its keys can come later, and leaves them in `keys`; `show` prints
# it, without them where `held`. A line that has no end, or half of a pair of quotes, is a part of one: names and texts may
# hold line ends.
# shellcheck disable=SC2016  # awk
KEYS_OF_TABLE='
function field(text) { return substr(text, 2, index(substr(text, 2), "`") - 1) }
function bare(line) { sub(/,$/, "", line); return line }
function can_wait(    i, first, auto, other) {
    keys = ""
    for (i = 2; i < n; i++) {
        if (gsub(/\047/, "\047", text[i]) % 2 || gsub(/`/, "`", text[i]) % 2 || (text[i] !~ /,$/) != (i == n - 1)) return 0
        if (text[i] ~ /^  KEY `/) { keys = keys (keys == "" ? "" : ", ") "ADD" substr(bare(text[i]), 2); continue }
        if (text[i] ~ /^  PRIMARY KEY \(`/) first = field(substr(text[i], 16))
        if (text[i] ~ /^  `.* AUTO_INCREMENT/) { auto = field(substr(text[i], 3)); if (other != "" && other != auto) return 0; other = auto }
        if (text[i] !~ /^  (`|PRIMARY KEY \(`|UNIQUE KEY `|CONSTRAINT `)/ || text[i] ~ /^  CONSTRAINT.* FOREIGN KEY /) return 0
    }
    return keys != "" && (auto == "" || auto == first) && text[n] ~ /^\) ENGINE=InnoDB/ && text[n] !~ / WITH SYSTEM VERSIONING/
}
function show(held,    i, last) {
    last = n - 1
    while (held && text[last] ~ /^  KEY `/) last--
    for (i = 1; i <= n; i++) {
        if (!held || text[i] !~ /^  KEY `/) print held && i == last ? bare(text[i]) : text[i]
    }
}
'

# without_keys: passes a dump without rows through, but for keys that can come later: of each table they become a
# statement in WORK/PIPE.keys, of the pipe that WORK/shares names. A table of which a line is not known stays as it is,
# and so does one whose keys something else needs (a foreign key, AUTO_INCREMENT). That the definitions are the
# source's in the end is proven by `copy_prove`.
without_keys() {
    awk -F '\t' -v work="$WORK" "$KEYS_OF_TABLE"'
        FNR == NR { if ($2 != "own" && !(($3 FS $4) in pipe)) pipe[$3 FS $4] = $1; next }
        n > 0 {
            text[++n] = $0
            if ($0 !~ /^\)/) next
            held = can_wait()
            show(held)
            if (held) print "ALTER TABLE `" database "`.`" table "` " keys ";" >(work "/" pipe[database FS table] ".keys")
            n = 0
            next
        }
        /^USE / { database = /^USE `[A-Za-z0-9_$]+`;$/ ? field(substr($0, 5)) : "" }
        /^CREATE TABLE `[A-Za-z0-9_$]+` \($/ {
            table = field(substr($0, 14))
            if ((database FS table) in pipe) { text[n = 1] = $0; next }
        }
        { print }
        END { if (n > 0) show(0) }
    ' "$WORK/shares" -
}

# add_keys: those that `without_keys` has held back, of each pipe in a session of its own.
add_keys() {
    local file name
    local -a names=()
    for file in "$WORK"/*.keys; do
        [[ -f $file ]] || return 0
        name=keys.${file##*/}
        name=${name%.keys}
        names+=("$name")
        make_keys "$name" "$file"
    done
    phase "making keys"
    # Nothing comes by a pipe: what the server reads and writes is what moves.
    echo "$(server_pid) 0 0" >"$WORK/keys.pid"
    follow "${names[@]}"
    rm -f -- "$WORK/keys.pid"
}

# make_keys NAME FILE: in the background; NAME.status is its end.
make_keys() {
    : >"$WORK/$1.dump"
    {
        set +e
        trap - ERR
        { echo "SET SESSION sql_mode = '', SESSION foreign_key_checks = 0;" && cat -- "$2"; } | load '' 2>"$WORK/$1.load"
        write_text "$WORK/$1.status" <<<"0 0 ${PIPESTATUS[1]}"
    } &
}
