# shellcheck shell=bash
# Sourced by the scripts beside it: they call the engine by curl and read its answers by jq.
#
# Environment:
#   DELPHIX_URL       the engine, e.g. https://engine.example.com
#   DELPHIX_USER      who logs in
#   DELPHIX_PASSWORD  the password; curl gets it by stdin, it is in no argument and no file
#   DELPHIX_TIMEOUT   seconds to wait for one job, default 7200
#   DELPHIX_POLL      seconds between two looks at it, default 5
#   DELPHIX_GROUP     group of what is made, default Untitled
#   DELPHIX_VAULT     the engine's reference of the HashiCorp vault, default HASHICORP_VAULT-1

umask 077
readonly BASE="${DELPHIX_URL:?}/resources/json/delphix"
readonly TIMEOUT="${DELPHIX_TIMEOUT:-7200}" POLL="${DELPHIX_POLL:-5}"
COOKIES="$(mktemp)"
readonly COOKIES
trap 'rm -f "$COOKIES"' EXIT

die() {
    printf '%s\n' "$*" >&2
    exit 1
}

# call METHOD PATH: print what the engine answers. POST reads the body from stdin.
call() {
    local answer body=()
    [[ $1 == GET ]] || body=(--header 'Content-Type: application/json' --data-binary @-)
    answer="$(curl --silent --show-error --max-time 60 --cookie "$COOKIES" --cookie-jar "$COOKIES" \
        --request "$1" "${body[@]}" "$BASE$2")" || die "The engine does not answer."
    if [[ "$(jq -r '.status?' <<<"$answer")" != OK ]]; then
        jq -r '.error | .details, .action // empty' <<<"$answer" >&2
        die "The engine refuses $1 $2."
    fi
    printf '%s\n' "$answer"
}

# Begin a session. jq reads the password from the environment, which then no longer has it.
login() {
    : "${DELPHIX_USER:?}" "${DELPHIX_PASSWORD:?}"
    export DELPHIX_USER DELPHIX_PASSWORD
    jq -n '{type: "APISession", version: {type: "APIVersion", major: 1, minor: 11, micro: 51}}' |
        call POST /session >/dev/null
    jq -n '{type: "LoginRequest", username: env.DELPHIX_USER, password: env.DELPHIX_PASSWORD}' |
        call POST /login >/dev/null
    unset DELPHIX_PASSWORD
}

# wait_for_job JOB: until it has ended; says why it failed.
wait_for_job() {
    local job deadline=$((SECONDS + TIMEOUT))
    while true; do
        job="$(call GET "/job/$1")" || return 1
        case "$(jq -r '.result.jobState' <<<"$job")" in
            COMPLETED) return 0 ;;
            FAILED | CANCELED)
                jq -r '.result.events[] | select(.eventType == "ERROR")
                    | .messageDetails, .messageAction // empty' <<<"$job" >&2
                return 1
                ;;
        esac
        ((SECONDS < deadline)) || die "$1 has not ended within $TIMEOUT seconds."
        sleep "$POLL"
    done
}

# work PATH: POST the body on stdin, wait for the job, print the reference of what it made.
work() {
    local answer
    answer="$(call POST "$1")" || return 1
    wait_for_job "$(jq -r '.job' <<<"$answer")" || return 1
    jq -r '.result // empty' <<<"$answer"
}

# one PATH NAME: the only object of this name in a list.
one() {
    local answer
    answer="$(call GET "$1")" || return 1
    jq -e --arg name "$2" '[.result[] | select(.name == $name)]
        | if length == 1 then .[0] else error("\(length) are named \($name)") end' <<<"$answer"
}

# reference PATH NAME: its reference.
reference() { one "$@" | jq -r '.reference'; }

# newest_snapshot CONTAINER: the newest snapshot of a dSource or VDB; null when there is none.
newest_snapshot() { call GET "/snapshot?database=$1" | jq '.result | max_by(.creationTime)'; }

# vault_secret PATH: names a secret of the vault. The engine fetches it when it needs it.
vault_secret() {
    jq -n --arg vault "${DELPHIX_VAULT:-HASHICORP_VAULT-1}" --arg path "$1" '{
        type: "HashiCorpVaultCredential", vault: $vault, engine: "kv", path: $path,
        usernameKey: "user", secretKey: "password", expectedSecretType: "password"
    }'
}
