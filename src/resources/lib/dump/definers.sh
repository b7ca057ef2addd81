#!/usr/bin/env bash
# Accounts that a view wants before the dump brings them. A part of the program that `read_dump` runs.
# Needs: dump/stand_in_mark

# definer: a view that calls a function cannot be made without the account that the function names. Dumps made with
# --system write accounts behind views, so a locked account stands in until then, where there is none: it may execute
# (bit 18) and nothing else. Names with a quote or a backslash in them go without.
# shellcheck disable=SC2016,SC2034  # it is awk's, and read.sh puts it together
DUMP_DEFINERS='
function definer(kind,   i, account) {
    for (i = 2; i < NT && !(W(i) == "DEFINER" && K[i + 1] == "="); i++) if (W(i) == kind) return
    if (K[i + 3] != "@" || (T[i + 2] T[i + 4]) ~ /[\\\047]/) return
    account = "\047" T[i + 4] "\047, \047" T[i + 2] "\047"
    if (!(account in KNOWN_DEFINER)) { KNOWN_DEFINER[account]; DEFINER[++DEFINERS] = account }
}

function stand_ins() {
    if (STOOD_IN == DEFINERS) return
    while (STOOD_IN < DEFINERS)
        print "INSERT IGNORE INTO mysql.global_priv (Host, User, Priv) VALUES (" DEFINER[++STOOD_IN] ", \047{\"access\":262144,\"plugin\":\"mysql_native_password\",\"authentication_string\":\"'"$STAND_IN_MARK"'\",\"account_locked\":true}\047);"
    print "FLUSH PRIVILEGES;"
}
'
