#!/usr/bin/env bash
# Why a server ended, from what it wrote: neither its first complaint nor its last line, but the one that
# the end followed from. tests/unit/test_causes.py holds this to what real servers wrote.

# What is used up (12: memory, 24: files, 28 and 122: room), or a key that is missing, is the cause of all that follows:
# what cannot be decrypted is told as corrupted.
USED_UP='(Errcode: (12|24|28|122)[^0-9]|[Oo]ut of memory|Cannot allocate|Too many open files|o space left|quota exceeded|with error (12|28|122)([^0-9]|$)|free some space|ncryption key is not found)'

# Complaints that a server passes over and goes on.
PASSED_OVER='(Can.t open shared library|^Couldn.t load plugins|registration as a|mysql[.]plugin|mysql[.]func|mysql[.]event|Event Scheduler|aster info)'

# What only follows from an error that was told before.
CONSEQUENCE='(^Could not open log file|^Can.t init tc log|^Do you already have another|^Parsing options for plugin|^Failed to initialize multi master|got signal [0-9]|in defaults handling|^Creation of Master_info|^Failed to setup SSL)'

# InnoDB says these of files that it can do without.
CAN_DO_WITHOUT='(Cannot open datafile for read-only|valid tablespace file|Operating system error number|^InnoDB: (Error number|The error means|If you are installing))'

# keep: the errors in their order; kind: whether one was passed over or follows from another.
# shellcheck disable=SC2016  # they are of awk
CAUSE_AWK='
{
    text = $0
    gsub(/\007/, "", text)
    stamped = sub(/^[0-9][0-9-]* +[0-9:]+ +[0-9]+ \[(ERROR|FATAL)\] (\[FATAL\] )?/, "", text)
    sub(/^\/[^ ]*\/(mariadbd|mysqld): /, "mariadbd: ", text)
    sub(/^mysqld: /, "mariadbd: ", text)
    plain = text ~ /^(SSL error|mariadbd|mariabackup|mariadb-backup|error|Fatal error): / || text ~ /Assertion failure in file/
    if (!stamped && !plain) next
    if (text ~ /WSREP/) { cluster = text; next }
    if (text ~ /^Aborting$|Error on close of|only use the --user switch/) next
    keep[++n] = text
    if (text ~ /Could not use .* for logging/) { kind[n] = "passed"; kind[n - 1] = "passed"; next }
    if (text ~ /^Plugin .* init function returned error/) { key = keep[n - 1]; kind[n] = "passed"; kind[n - 1] = "passed"; next }
    if (text ~ /^Plugin .* registration as a STORAGE ENGINE failed|^Unknown.unsupported storage engine: /) {
        kind[n] = "engine"
        if (engine == "") {
            before = kind[n - 1] == "" ? keep[n - 1] : ""
            engine = text
            sub(/^Unknown.unsupported storage engine: |^Plugin ./, "", engine)
            sub(/[^A-Za-z0-9_].*/, "", engine)
        }
        next
    }
    if (text ~ /^Failed to initialize plugins|Plugin initialization aborted|Database creation was aborted/) { kind[n] = "engine"; next }
    if (text ~ CONSEQUENCE) kind[n] = "follows"
    if (text ~ PASSED_OVER) kind[n] = "passed"
    if (text ~ USED_UP && used == "") used = text
}
function first_words(strict, i) {
    for (i = 1; i <= n; i++) {
        if (kind[i] == "engine" || kind[i] == "follows" || !index(tolower(keep[i]), tolower(engine))) continue
        if (strict && keep[i] ~ CAN_DO_WITHOUT) continue
        if (kind[i - 1] == "" && keep[i - 1] ~ /^mariadbd: / && keep[i] !~ /^mariadbd: /) return keep[i - 1] "; " keep[i]
        return keep[i]
    }
    return ""
}
END {
    for (i = n; i > 0 && kind[i] != ""; i--) if (kind[i] == "engine") dead = 1
    why = used
    if (why == "" && dead && engine != "") {
        why = first_words(1)
        if (why == "") why = first_words(0)
        if (why == "") why = before
        if (why == "") why = keep[n]
    }
    if (why == "" && i > 0) why = keep[i]
    if (why ~ /ncrypt/ && key != "") why = key "; " why
    if (why ~ /^SSL error: /) {
        for (i = 1; i <= n; i++) if (index(keep[i], why) == 1 && length(keep[i]) > length(why)) why = keep[i]
        why = "Failed to setup SSL; " why
    }
    if (why == "") why = n > 0 ? keep[n] : cluster
    if (why != "") print why
}'

# cause_of: stdin is what a server wrote since its start; prints the line that tells why it ended, if any does.
# That is the last error that is neither passed over nor a consequence. The end of a storage engine is told by its
# name only: there, its own first words count, with what the system said just before them.
cause_of() {
    awk "$CAUSE_AWK" USED_UP="$USED_UP" PASSED_OVER="$PASSED_OVER" CONSEQUENCE="$CONSEQUENCE" CAN_DO_WITHOUT="$CAN_DO_WITHOUT" -
}
