#!/usr/bin/env bash
# Who keeps the backup lock from being taken, as far as a server without plugins for it can tell: for a DBA who
# may KILL a session. Statements may hold secrets: of each only its command and the table that it names.
# Needs: server/client
# shellcheck disable=SC2119  # the options are for callers in other files

# On stdin `SHOW FULL PROCESSLIST`, and before it `trx<TAB>connection id<TAB>seconds` for each open transaction.
# Sessions that wait for a lock themselves are victims. One that is idle or reads counts only when nothing else is
# there: whether it holds a global or table lock cannot be asked for.
# shellcheck disable=SC2016  # it is awk's dollar
HOLDERS_AWK='
function words(text, w, n) {
    gsub(/\\[nt]/, " ", text)
    sub(/^[^A-Za-z]*/, "", text)
    n = split(text, w, /[^A-Za-z0-9_$.`-]+/)
    if (n < 1 || toupper(w[1]) !~ /^[A-Z]+$/) return ""
    if (toupper(w[1]) ~ /^(ALTER|OPTIMIZE|ANALYZE|REPAIR|CHECK|TRUNCATE|DROP|CREATE|LOCK|FLUSH|BACKUP|RENAME)$/ && n > 2 && toupper(w[2]) ~ /^(TABLE|TABLES|STAGE|LOCK|INDEX|VIEW|DATABASE)$/)
        return ": " toupper(w[1]) " " toupper(w[2]) " " substr(w[3], 1, 130)
    return ": " toupper(w[1])
}
$1 == "trx" { trx[$2] = $3; next }
$1 == own || $5 == "Daemon" || $2 == "system user" && $7 ~ /^(Waiting for (work|master|the next)|Slave has read|Waiting for backup lock)/ { next }
$7 ~ /^Waiting for (backup|global|table|schema|commit|stored|trigger|event|user) ?.*lock/ { next }
{
    idle = $5 == "Sleep"
    what = $1 " (" $2 "@" $3 ", " (idle ? "idle" : $5) " for " $6 " s" (idle || $7 == "" ? "" : ", " $7) (idle ? "" : words($8)) ($1 in trx ? ", a transaction open for " trx[$1] " s" : "") ")"
    if (idle && !($1 in trx) || what ~ /: SELECT/) { if ($6 >= 1 && ++idles <= 5) quiet = quiet (quiet == "" ? "" : ", ") what }
    else if (++busy <= 8) list = list (list == "" ? "" : ", ") what
}
END {
    if (list != "") print "sessions that may hold it off: " list
    else if (quiet != "") print "no session writes; one of these may hold a lock (FLUSH TABLES, LOCK TABLES, BACKUP STAGE): " quiet
    else print "no other session is there"
}'

# lock_holders: one line that names them.
lock_holders() {
    {
        try_sql <<<"SELECT 'trx', trx_mysql_thread_id, TIMESTAMPDIFF(SECOND, trx_started, NOW()) FROM information_schema.innodb_trx WHERE trx_mysql_thread_id > 0" || :
        try_sql <<<"SELECT 'own', CONNECTION_ID(); SHOW FULL PROCESSLIST" || echo "own"
    } | awk -F '\t' '$1 == "own" { own = $2; next } '"$HOLDERS_AWK"
}
