#!/usr/bin/env bash
# What staging says while it loads: a table comes in another engine, or a value was changed, and that is no error.
# WORK is the job's directory.
# Needs: dataset/warnings story
# Constants: REACHING

# Tables that reach out come in another engine on purpose, before stand-ins replace them. The server names the
# engine just before the table.
#
# note_warnings: reads what a loading client prints; WORK/warned.* becomes `code count texts` of each kind.
note_warnings() {
    # shellcheck disable=SC2016  # it is awk's
    awk -v reaching="$REACHING" '
        /^Warning \(Code (1048|126[456]|1286|1292|1364|1366|1406|1411)\): / {
            code = substr($3, 1, 4)
            sub(/^[^:]*: /, "")
            if (code == 1286) engine = toupper($NF)
            if ((code == 1286 || code == 1266) && index(reaching, engine)) next
            if (++count[code] <= 20) texts[code] = texts[code] (count[code] > 1 ? ", " : "") substr($0, 1, 200)
        }
        END { for (code in count) print code "\t" count[code] "\t" texts[code] }
    ' >"$WORK/warned.$BASHPID"
}

# judge_warnings: a table in another engine than its definition says ends the load, by name. Changed values are
# told.
judge_warnings() {
    local code count texts missing
    missing=$(warned 1286)
    missing=$({ grep -o "'[^']*'" <<<"$missing" || :; } | sort -u | tr -d "'" | paste -sd ' ')
    texts=$(warned 1266)
    if [[ -n $texts ]]; then
        fail LOAD_FAILED "staging lacks the storage engine ${missing:-of a table}: ${texts:0:1500}; install its library ($(engine_libraries "$missing")) in this installation, and name it in the dSource's plugin_load_add"
    fi
    while IFS=$'\t' read -r code count texts; do
        [[ $code == 1286 ]] || keep_warning "while loading, staging changed values: $texts ($count times, warning $code)"
    done < <(sort -u "$WORK"/warned.*)
}

# warned CODE: its texts.
warned() { sed -n "s/^$1\t[0-9]*\t//p" "$WORK"/warned.* | paste -sd ','; }

# engine_libraries ENGINES: the libraries that bring them.
engine_libraries() {
    local engine names=''
    for engine in $1; do
        case ${engine,,} in
            federated) engine=federatedx ;;
        esac
        names+="${names:+, }ha_${engine,,}"
    done
    printf '%s' "${names:-its ha_ library}"
}
