#!/usr/bin/env bash
# The proof that what a copy holds is defined as on its source. WORK is the job's directory.
# Needs: copy/source_definitions copy/staging_definitions few story

# compare_definitions: what the source had defined before the copy, and has so still, staging has defined too.
compare_definitions() {
    local differing
    staging_definitions
    definitions_differ >"$WORK/definitions.differ"
    log INFO "compared: $(cut -f1 "$WORK/definitions.source" | grep -vx series | uniq -c | awk '{ n = $1; $1 = ""; print n $0 }' | paste -sd ,)"
    [[ -s $WORK/definitions.differ ]] || return 0
    # What changed meanwhile comes by replication, or was not yet so when it was copied.
    source_definitions "$WORK/definitions.after"
    differing=$(awk -F '\t' "$STILL_SO" "$WORK/definitions.source" "$WORK/definitions.after" "$WORK/definitions.differ")
    [[ -z $differing ]] || fail INVENTORY_DIFFERS "not as on the source: $(few '; ' <<<"$differing")"
}

# definitions_differ: `kind database name what` of each difference; what is the first piece that is another. Of
# accounts, nothing of what makes them up is shown. What is missing with its name is told by `compare`. Of a view, a
# newer series says the text in other words.
definitions_differ() {
    # shellcheck disable=SC2016  # it is awk's
    awk -F '\t' -v staging="$(sed -n 's/^series\t\t\t\([0-9.]*\).*/\1/p' "$WORK/definitions.staging")" '
        function key() { return $1 "\t" $2 "\t" $3 }
        function piece(a, b,    n, m, i, x, y) {
            n = split(a, x, /\t|\\n/); m = split(b, y, /\t|\\n/)
            for (i = 1; i <= n || i <= m; i++) if (x[i] != y[i]) return "source: " substr(x[i], 1, 300) ", staging: " substr(y[i], 1, 300)
        }
        function rest(    text) {
            text = substr($0, length(key()) + 2)
            return $1 == "view" && newer ? substr(text, 1, index(text, " VIEW ")) "\t" $5 "\t" $6 : text
        }
        $1 == "series" { if (FILENAME ~ /source$/) newer = $4 != staging; next }
        FILENAME ~ /source$/ { source[key()] = rest(); next }
        { there[key()] = 1 }
        !(key() in source) { if ($1 ~ /^(account|grant)$/) print key() "\tonly on staging"; next }
        source[key()] != rest() { print key() "\t" ($1 == "account" ? "is another" : piece(source[key()], rest())) }
        END { for (k in source) if (!(k in there) && k ~ /^(account|locked account|grant|database)\t/ && k !~ /^database\ttest\t/) print k "\tmissing on staging" }
    ' "$WORK/definitions.source" "$WORK/definitions.staging" | sort
}

# STILL_SO: of the differences, those of which the source said the same before and after the copy.
# shellcheck disable=SC2016  # it is awk's
STILL_SO='
    function key() { return $1 "\t" $2 "\t" $3 }
    FILENAME ~ /source$/ { before[key()] = $0; next }
    FILENAME ~ /after$/ { after[key()] = $0; next }
    before[key()] == after[key()] { print $1 " " $2 ($2 != "" && $3 != "" ? "." : "") $3 " (" $4 ")" }
'
