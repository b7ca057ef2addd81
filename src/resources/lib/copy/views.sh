#!/usr/bin/env bash
# Views of the source, when all that they may look into is there. WORK is the job's directory.
# Needs: copy/inventory copy/left_out copy/pipe job/run server/client server/client_errors server/must_sql
#     source/client source/sql story writers

# copy_views: one that staging cannot make does not keep the others from being made.
copy_views() {
    local rows others broken
    local -a LIST
    # shellcheck disable=SC2034  # `copy` reads it
    local LOAD_OPTION=--force
    phase "copying views"
    # Creating a view looks up the definers of the functions that it calls, so the accounts must be in force.
    # INIT_SQL first makes our own account again, which they may have replaced, and then flushes privileges.
    must_sql "reading the accounts" <<<"$INIT_SQL"
    # Not DISTINCT: to the server, names that differ in case are one.
    rows=$(source_sql <<<"SELECT table_schema FROM information_schema.tables WHERE table_type = 'VIEW' AND $(chosen table_schema)" | sort -u)
    if [[ -z $rows ]]; then
        grep -q $'^view\t' "$WORK/before" || return 0
    else
        decode_list <<<"$rows"
        others=$(ignore_lines "table_type <> 'VIEW'")
        broken=$(ignore_left_out)
        copy views '' "$others"$'\n'"$broken" --no-data --no-create-db --skip-triggers --databases -- "${LIST[@]}"
        follow views
    fi
    judge_missing_views
}

# missing_views: lines `view schema name` of those that staging should have and has not.
missing_views() {
    sql <<<"SELECT 'view', table_schema, table_name FROM information_schema.tables WHERE table_type = 'VIEW' AND $(chosen table_schema)" | sort >"$WORK/views.there"
    { grep $'^view\t' "$WORK/before" || :; } | without_left_out | comm -23 - "$WORK/views.there"
}

# judge_missing_views: whose fault each is. Where the source cannot use it itself, it is left out, and told. So is
# one that looks into a database that is not copied. Any other ends the copy.
judge_missing_views() {
    local line words missing failed=''
    missing=$(missing_views)
    while IFS= read -r line && [[ -n $line ]]; do
        words=$(refusal_of_source "$line")
        if [[ -n $words ]]; then
            leave_out "$line" "the source itself cannot use it: $words"
            continue
        fi
        words=$(refusal_of_staging "$line")
        if [[ -z $words ]]; then continue; fi
        if [[ -n $DATABASES && $words =~ ^ERROR\ (1049|1146|1356|1305|1142)\  ]]; then
            leave_out "$line" "it looks into a database that is not copied: $words"
        else
            failed+="${failed:+; }$(view_name "$line"): $words"
        fi
    done <<<"$missing"
    [[ -z $failed ]] || fail LOAD_FAILED "staging cannot make views that the source can use: ${failed:0:2000}"
}

# view_name ROW: its name in SQL.
view_name() {
    local -a ROW
    decode_row "$1"
    sql_name "${ROW[1]}" "${ROW[2]}"
}

# refusal_of_source ROW: what the source says to a use of the view, empty when it can be used. It is looked up and
# not run.
refusal_of_source() {
    local name errors
    name=$(view_name "$1")
    if errors=$(printf 'PREPARE used FROM %s;\n' "$(sql_text "SELECT 1 FROM $name")" | source_client 2>&1 >/dev/null); then return 0; fi
    errors=$(error_line "$errors")
    # With a line number, 1045 is no refused login: who lacks SUPER is told so of a definer that does not exist.
    [[ $errors =~ ^ERROR\ 1(054|142|143|146|305|356|370|449)\  || $errors =~ ^ERROR\ 1045\ .*\ at\ line\  ]] || source_failed "$errors"
    printf '%s' "$errors"
}

# refusal_of_staging ROW: what staging says to its CREATE VIEW, empty when that succeeds.
refusal_of_staging() {
    local name line errors
    local -a ROW
    name=$(view_name "$1")
    line=$(source_sql <<<"SHOW CREATE VIEW $name")
    decode_row "$line"
    # The text names every table with its database, but not the view itself.
    errors=$(printf 'USE %s;\n%s;\n' "${name%%.\`*}" "${ROW[1]}" | sql 2>&1 >/dev/null) || error_line "$errors"
}
