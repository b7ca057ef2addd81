#!/usr/bin/env bash
# The comparison of staging with its source at one GTID position, as it runs in the background. Nothing of the
# source is locked: what takes no part in its consistent snapshot, and what was changed meanwhile, is looked at
# again in another round (SUSPECTS), and counts only if it stood still. WORK is the job's directory.
# Needs: answer job/run server/client server/installation server/must_sql source/sql story verify/accounts
#     verify/definitions verify/plan verify/sessions verify/standstill writers

# hold_snapshot: a session of the source begins its snapshot; staging comes to just its position. GTID becomes it.
hold_snapshot() {
    local file position
    open_snapshot
    await_snapshot
    file=$(said source Binlog_snapshot_file)
    position=$(said source Binlog_snapshot_position)
    [[ $position =~ ^[0-9]+$ && -n $file ]] || fail POSITION_MISSING "the source names no binary log position for its snapshot"
    GTID=$(source_sql <<<"SELECT BINLOG_GTID_POS($(sql_text "$file"), $position)")
    [[ $GTID != NULL ]] || fail POSITION_MISSING "the source knows no GTID position for $file:$position"
    answer gtid "$GTID"
}

# look_at_suspects: how the suspects are before the snapshot. WORK/plain becomes the plan of those that take no
# part in it: they are read in the same breath before and after its beginning.
look_at_suspects() {
    phase "looking at what has differed"
    table_definitions before source_sql
    awk -F '\t' -v OFS='\t' '{ print NR, $1, $2, $4, $6, $7, $8 }' "$WORK/before.tables" >"$WORK/before.plan"
    plain_plan "$WORK/before.plan" >"$WORK/plain"
    [[ $ACCOUNTS != yes ]] || account_lines source_sql >"$WORK/accounts.before"
}

# compare_rows: both ends read all tables at the same time; what differs goes to WORK/unequal.
compare_rows() {
    queries <"$WORK/plan" >"$WORK/queries"
    { printf '%s;\nSTART TRANSACTION;\nSAVEPOINT beginning;\n' "$READING_SQL" && cat "$WORK/queries"; } >"$WORK/staging.sql"
    if [[ -s $WORK/plain ]]; then
        awk -F '\t' 'FILENAME ~ /plain$/ { plain[$2 FS $3]; next } !(($2 FS $3) in plain)' "$WORK/plain" "$WORK/plan" | queries >"$WORK/queries"
    fi
    mv -f -- "$WORK/queries" "$WORK/source.sql"
    read_all staging staging_reader
    await_sessions source staging
    require_standing "$GTID"
    sort_rows
    awk -F '\t' '
        BEGIN { OFS = FS }
        { file = FILENAME; sub(/.*\//, "", file) }
        file == "plain" { plain[$2 FS $3] = $1; next }
        file == "source.second" { second[$1] = $2 FS $3; next }
        file == "source.main" { here[$1] = $2 FS $3; next }
        file == "staging.rows" { there[$1] = $2 FS $3; next }
        { key = $2 FS $3; seen = key in plain ? second[plain[key]] : here[$1] }
        seen == "" || !($1 in there) { print "changed", key, "was changed during the comparison"; next }
        seen != there[$1] {
            split(seen, one); split(there[$1], two)
            print "rows", key, one[1] (one[1] == two[1] ? " rows with other contents" : " rows on the source, " two[1] " on staging")
        }' "$WORK"/{plain,source.second,source.main,staging.rows,plan} >>"$WORK/unequal"
}

# sort_rows: what the session `source` has read of the plain suspects before its snapshot began (source.first) and
# after it (source.second), and of all others (source.main).
sort_rows() {
    : >"$WORK/source.first"
    : >"$WORK/source.second"
    awk -F '\t' -v first="$WORK/source.first" -v second="$WORK/source.second" '
        $1 == "Binlog_snapshot_file" { begun = 1 }
        $1 == "begun" { begun = 2 }
        NF != 3 || $1 !~ /^[0-9]+$/ { next }
        begun == 0 { print > first }
        begun == 1 { print > second }
        begun == 2' "$WORK/source.rows" >"$WORK/source.main"
}

# compare_accounts: accounts and roles by name, those of one end only included.
compare_accounts() {
    account_lines sql >"$WORK/accounts.staging"
    comm -3 "$WORK/accounts.source" "$WORK/accounts.staging" | sed 's/^\t//' | cut -f1,2 | sort -u |
        sed $'s/.*/account\t&\tits grants or its password differ/' >>"$WORK/unequal"
}

# stood_still: adds to each line of WORK/unequal whether its subject was the same before the snapshot and after it.
stood_still() {
    if [[ $AGAIN == no ]]; then
        sed $'s/$/\tno/' "$WORK/unequal"
        return
    fi
    touch "$WORK/accounts.before" "$WORK/accounts.source"
    awk -F '\t' '
        BEGIN { OFS = FS }
        { file = FILENAME; sub(/.*\//, "", file) }
        file == "before.tables" { before[$1 FS $2] = $4 FS $5; next }
        file == "source.tables" { after[$1 FS $2] = $4 FS $5; next }
        file == "plain" { plain[$2 FS $3] = $1; next }
        file == "source.first" { first[$1] = $2 FS $3; next }
        file == "source.second" { second[$1] = $2 FS $3; next }
        file == "accounts.before" { granted[$1 FS $2] = granted[$1 FS $2] $3; next }
        file == "accounts.source" { grants[$1 FS $2] = grants[$1 FS $2] $3; next }
        { key = $2 FS $3; still = before[key] == after[key] }
        $1 == "account" { still = granted[key] == grants[key] }
        $1 == "changed" { still = 0 }
        $1 == "rows" && key in plain { still = still && first[plain[key]] == second[plain[key]] }
        { print $0, still ? "yes" : "no" }
    ' "$WORK"/{before.tables,source.tables,plain,source.first,source.second,accounts.before,accounts.source,unequal}
}

# answer_comparison: what was compared, what was not, and what differs (the first of each).
answer_comparison() {
    local tables rows bytes
    read -r tables rows bytes < <(awk -F '\t' '
        FILENAME ~ /staging.rows$/ { if (NF == 3) rows += $2; next }
        { tables++; bytes += $5 }
        END { printf "%d %.0f %.0f\n", tables, rows, bytes }' "$WORK/staging.rows" "$WORK/plan")
    answer tables "$tables"
    answer rows "$rows"
    answer bytes "$bytes"
    answer unequalCount "$(wc -l <"$WORK/unequal")"
    stood_still | sort -t $'\t' -k 6r,6 | head -n 100 | answer_lines unequal
    answer skippedCount "$(wc -l <"$WORK/skipped")"
    head -n 100 "$WORK/skipped" | answer_lines skipped
}

verify() {
    local GTID OLD_GRANTS
    use_installation
    phase "stopping replication into staging"
    must_sql "stopping replication" <<<"STOP SLAVE"
    # shellcheck disable=SC2034  # the query of the grants reads it
    OLD_GRANTS=$(source_sql <<<"SELECT IF(VERSION() REGEXP '^10[.][0-4][.]', 'yes', 'no')")
    : >"$WORK/plain"
    [[ $AGAIN == no ]] || look_at_suspects
    phase "beginning a consistent snapshot of the source"
    hold_snapshot
    phase "comparing definitions"
    table_definitions source source_sql
    [[ $ACCOUNTS != yes ]] || account_lines source_sql >"$WORK/accounts.source"
    phase "bringing staging to GTID $GTID"
    stand_at "$GTID"
    table_definitions staging sql
    match_definitions
    [[ $ACCOUNTS != yes ]] || compare_accounts
    compare_rows
    phase "done"
    answer_comparison
    # They would only take room in the snapshot.
    rm -f -- "$WORK"/{before,source,staging,accounts}.* "$WORK"/{plan,plain,skipped,unequal,left_alone}
}
