#!/usr/bin/env bash
# What systemd does with the processes of a user who logs out, as Delphix does after each step.
# Needs: story

# logind_value NAME TEXT: the value of the last line `NAME=...`, nothing when there is none.
logind_value() { sed -n "s/^[[:space:]]*$1[[:space:]]*=[[:space:]]*//p" <<<"$2" | tail -n 1; }

# logind_files: what is configured, where logind cannot be asked; what counts more stands later.
logind_files() {
    local file
    for file in {/usr/lib,/run,/etc}/systemd/logind.conf {/usr/lib,/run,/etc}/systemd/logind.conf.d/*.conf; do
        [[ ! -f $file || ! -r $file ]] || cat -- "$file"
    done
}

# ask_logind WORD...: nothing where there is no logind, or none that answers.
ask_logind() { timeout -k 1 5 loginctl --no-pager "$@" 2>/dev/null </dev/null || :; }

# ends_processes NAME TEXT: these settings have logind end what the user NAME leaves at logout.
ends_processes() {
    local only excluded
    only=$(logind_value KillOnlyUsers "$2")
    excluded=$(logind_value KillExcludeUsers "$2")
    [[ " ${excluded//,/ } " != *" $1 "* ]] || return 1
    if [[ -n $only ]]; then
        [[ " ${only//,/ } " == *" $1 "* ]]
        return
    fi
    case $(logind_value KillUserProcesses "$2") in [Yy]* | [Tt]* | 1 | [Oo][Nn]) return 0 ;; esac
    return 1
}

# ended_at_logout: why a server that this step starts would be ended when Delphix logs out; nothing when it would
# stay. By `loginctl enable-linger` alone it does not stay for sure: it is a process of the session, not of a service.
ended_at_logout() {
    local user settings session told
    user=$OS_USER
    # Both at a time: where logind has much to do, each takes a while.
    exec {told}< <(ask_logind show-session -p KillUserProcesses -p KillOnlyUsers -p KillExcludeUsers)
    session=$(ask_logind show-user "$user" -p Linger -p Sessions)
    settings=$(cat <&"$told")
    exec {told}<&-
    # A connection that is no session of logind (sshd without PAM) ends nothing.
    [[ $session != *Sessions=* || -n $(logind_value Sessions "$session") ]] || return 0
    if [[ $settings != *KillUserProcesses=* ]]; then
        [[ -n $session || -d /run/systemd/system ]] || return 0
        settings=$(logind_files)
    elif [[ -z $session ]]; then
        return 0
    fi
    ends_processes "$user" "$settings" || return 0
    if [[ $(logind_value Linger "$session") == yes ]]; then
        log WARNING "systemd-logind ends the processes of $user at logout (KillUserProcesses); that $user lingers may not keep its servers: name $user in KillExcludeUsers"
        return 0
    fi
    printf 'systemd-logind ends the processes of %s at logout (KillUserProcesses=yes), %s does not linger' "$user" "$user"
}

# require_lasting_servers: what this step starts outlives the login of Delphix.
require_lasting_servers() {
    local why
    why=$(ended_at_logout)
    [[ -z $why ]] || fail HOST_ENDS_SERVERS "$why"
}
