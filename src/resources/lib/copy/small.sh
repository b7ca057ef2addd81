#!/usr/bin/env bash
# Whether a pipe of a copy takes small tables. WORK is the job's directory; WORK/shares says which pipe takes what, and
# WORK/sizes how large the tables are.

# On average in bytes. Since 10.6, InnoDB fills an empty table in one go where nothing checks its rows, which all dumps
# switch off: it sorts all rows and flushes. In two pipes, 200 MB in tables of 60 KB took 42.8 s, and 22.5 s with rows
# that are checked; of 1 MB 17.1 and 11.6 s; of 4 MB 6.6 and 6.8 s; of 32 MB 4.8 and 5.9 s (10.11, two cores).
SMALL_BYTES=2097152

# holds_small NAME: prints yes where the tables that the pipe takes with their databases are small; without shares, all
# tables are the pipe's.
holds_small() {
    awk -F '\t' -v name="$1" -v small="$SMALL_BYTES" '
        FILENAME == ARGV[1] { shared = 1; if ($2 != "own") elsewhere[$3 FS $4]; else if ($1 == name) own[$3]; next }
        (shared && !($1 in own)) || ($1 FS $2) in elsewhere { next }
        { bytes += $3; tables++ }
        END { if (tables > 0 && bytes / tables < small) print "yes" }' "$WORK/shares" "$WORK/sizes"
}
