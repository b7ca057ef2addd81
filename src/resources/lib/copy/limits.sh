#!/usr/bin/env bash
# Limits of the source that end a copy earlier than ours do. mariadb-dump has no way to change them for its session.
# Needs: source/client
# Constants: SOURCE_LIMITS

# limits_passed SECONDS: the limits of the source that are no longer than SECONDS, in which staging took nothing,
# with the statement that changes each; nothing when none is.
limits_passed() {
    local rows name value seen='' cure=''
    # shellcheck disable=SC2119
    rows=$(source_client <<<"SELECT LOWER(variable_name), variable_value FROM information_schema.global_variables
        WHERE LOWER(variable_name) IN ($SOURCE_LIMITS)" 2>/dev/null) || return 0
    while IFS=$'\t' read -r name value; do
        value=${value%%.*}
        [[ $value =~ ^[0-9]{1,9}$ ]] || continue
        ((value > 0 && value <= $1 + 2)) || continue
        seen+="${seen:+, }$name is $value s"
        cure+=" SET GLOBAL $name = 600;"
    done <<<"$rows"
    [[ -z $seen ]] || printf '; staging took nothing for %s s, and the source hangs up before: %s. See what held staging up, or run on the source:%s' "$1" "$seen" "$cure"
}
