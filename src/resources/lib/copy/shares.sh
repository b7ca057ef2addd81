#!/usr/bin/env bash
# Which pipe of a parallel copy takes what. WORK is the plan's directory; PIPES is how many there should be at most,
# and PIECE_BYTES is the least that one of them is worth.
# Needs: copy/engines copy/inventory copy/ranges source/sql story writers

# make_shares: WORK/shares, a line for each part: its pipe and kind, then `own database` (all of it but what others
# take), `table database table`, or `piece database table condition`. Nothing when one pipe is enough. Names are escaped.
make_shares() {
    : >"$WORK/shares"
    : >"$WORK/split"
    : >"$WORK/pieces"
    table_sizes >"$WORK/sizes"
    ((PIPES > 1)) || return 0
    split_tables
    share_out >"$WORK/shares"
    # With one pipe only there is nothing to bring into line.
    [[ $(cut -f1 "$WORK/shares" | sort -u | wc -l) -gt 1 ]] || : >"$WORK/shares"
    [[ ! -s $WORK/shares ]] || log INFO "$(cut -f1 "$WORK/shares" | sort -u | wc -l) sessions will read the source"
}

# table_sizes: `database table bytes kind` of what takes part in a consistent snapshot, the largest first.
table_sizes() {
    source_sql <<<"SELECT table_schema, table_name, IFNULL(data_length, 0) + IFNULL(index_length, 0), table_type FROM information_schema.tables
        WHERE $(chosen table_schema) AND engine IN ($TRANSACTIONAL) AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED') AND NOT $FLOATS
        ORDER BY 3 DESC, 1, 2"
}

# Sums up WORK/sizes before what follows. `alone` is true for a table that mariadb-dump can name or leave out without
# touching another: it takes names that differ in case only, or in accents, for one. Those of another length it does not.
# shellcheck disable=SC2016  # awk
WEIGH='
function characters(name) { gsub(/\\./, "x", name); gsub(/[\200-\277]/, "", name); return length(name) }
function alone() { return !(characters($1 FS $2) in accented) && same[tolower($1 FS $2)] == 1 }
NR == FNR { total += $3; same[tolower($1 FS $2)]++ }
NR == FNR && $1 $2 ~ /[^ -~]/ { accented[characters($1 FS $2)] }
NR == FNR { next }
FNR == 1 { share = total / pipes; if (total < 2 * piece) exit }
'

# split_tables: cuts tables that are much larger than a share; WORK/split has `database table pieces`.
split_tables() {
    local line i n=1
    local -a ROW pieces
    awk -F '\t' -v OFS='\t' -v pipes="$PIPES" -v piece="$PIECE_BYTES" "$WEIGH"'
        BEGIN { left = pipes }
        left > 1 && $3 > 1.5 * share && $3 >= 2 * piece && $4 == "BASE TABLE" && alone() {
            n = int($3 / share + 0.5); most = int($3 / piece)
            if (n > most) n = most
            if (n > left) n = left
            if (n < 2) n = 2
            left -= n
            print $1, $2, n
        }' "$WORK/sizes" "$WORK/sizes" >"$WORK/large"
    while IFS= read -r line && [[ -n $line ]]; do
        decode_row "$line"
        cut_table "${ROW[@]}" >"$WORK/cut"
        [[ -s $WORK/cut ]] || continue
        mapfile -t pieces <"$WORK/cut"
        printf '%s\t%s\n' "${line%$'\t'*}" "${#pieces[@]}" >>"$WORK/split"
        for i in "${!pieces[@]}"; do printf 'piece%s.%s\tpiece\t%s\t%s\n' "$n" "$((i + 1))" "${line%$'\t'*}" "${pieces[i]}"; done >>"$WORK/pieces"
        n=$((n + 1))
    done <"$WORK/large"
}

# share_out: prints the shares. A database much larger than a share gives its large tables to pipes of their own; its
# others, and those that come later, count as a database. The first pipe of databases is called `tables`. Large tables
# have PIPES at most, and where they have all of them, one more takes the rest.
share_out() {
    awk -F '\t' -v OFS='\t' -v pipes="$PIPES" -v piece="$PIECE_BYTES" -v owners="$WORK/databases" -v split_file="$WORK/split" "$WEIGH"'
        FNR == 1 { while ((getline line <split_file) > 0) { split(line, part, FS); pieces[part[1] FS part[2]]; left -= part[3] } }
        ($1 FS $2) in pieces { next }
        { n++; of[n] = $1; name[n] = $2; bytes[n] = $3; can[n] = alone(); size[$1] += $3 }
        function least(bins, most,    i, at) { at = 1; for (i = 2; i <= most; i++) if (bins[i] + 0 < bins[at] + 0) at = i; return at }
        END {
            if (total < 2 * piece) exit
            left += pipes
            for (d in size) if (size[d] > 1.5 * share && left > 0) { n_of = int(size[d] / share + 0.5); groups[d] = n_of < left ? n_of : left; left -= groups[d] }
            if (left < 1) left = 1
            for (i = 1; i <= n; i++) {
                if (!(of[i] in groups)) continue
                if (bytes[i] <= share / 64 || !can[i]) continue
                split("", bins); for (g = 1; g <= groups[of[i]]; g++) bins[g] = load[of[i], g]
                g = least(bins, groups[of[i]])
                load[of[i], g] += bytes[i]; size[of[i]] -= bytes[i]
                if (!((of[i], g) in pipe)) pipe[of[i], g] = "part" ++parts
                print pipe[of[i], g], "table", of[i], name[i]
            }
            split("", bins)
            while ((getline line <owners) > 0) {
                at = least(bins, left); bins[at] += size[line] + 1
                print (at == 1 ? "tables" : "tables" at), "own", line
            }
        }' "$WORK/sizes" "$WORK/sizes" >"$WORK/shared"
    [[ ! -s $WORK/shared ]] || sort -s -t $'\t' -k1,1 "$WORK/shared" "$WORK/pieces"
}
