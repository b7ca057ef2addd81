#!/usr/bin/env bash
# The host's option file, with which every server of the plugin there begins.
# Needs: answer story

# answer_starter: the lines of the file at STARTER, if there is one. Nobody but root may have written it:
# its settings decide what a server loads and whom it lets in, and the servers of the plugin, with
# whoever has all privileges there, run as the environment user.
answer_starter() {
    [[ -n ${STARTER:-} && (-e $STARTER || -L $STARTER) ]] || return 0
    [[ ! -L $STARTER ]] || fail SETTING_REFUSED "$STARTER is a symbolic link; put the file itself there, owned by root"
    [[ $(stat -c %u -- "$STARTER") == 0 ]] ||
        fail SETTING_REFUSED "$STARTER belongs to $(stat -c %U -- "$STARTER"), not to root: a server of the plugin could have written it. Check its lines, then run as root: chown root: $STARTER && chmod 644 $STARTER"
    [[ -f $STARTER && -r $STARTER ]] || fail SETTING_REFUSED "$STARTER is $(stat -c '%F, mode %a, owner %U' -- "$STARTER" 2>&1); $OS_USER cannot read it"
    [[ $(stat -c %h -- "$STARTER") == 1 ]] || fail SETTING_REFUSED "$STARTER has $(stat -c %h -- "$STARTER") names: only a file of one name counts"
    [[ -z $(find "$STARTER" -maxdepth 0 -perm /0022 -print) ]] || fail SETTING_REFUSED "$STARTER may be written by others (mode $(stat -c %a -- "$STARTER"))"
    (($(stat -c %s -- "$STARTER") <= 65536)) || fail SETTING_REFUSED "$STARTER has $(stat -c %s -- "$STARTER") bytes, more than an option file of 64 KiB"
    # Comments may be in any encoding; the numbers of the lines stay. A last line may have no end.
    { sed 's/^[[:space:]]*[#;].*//' "$STARTER" && echo; } | answer_lines starterLine
}
