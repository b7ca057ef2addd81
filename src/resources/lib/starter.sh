#!/usr/bin/env bash
# The host's starter option file.

# answer_starter: the lines of the file at STARTER, if there is one. Nobody but root and us may have
# written it: its settings decide what a server loads and whom it lets in.
answer_starter() {
    [[ -n ${STARTER:-} && (-e $STARTER || -L $STARTER) ]] || return 0
    [[ -f $STARTER && -r $STARTER ]] || fail SETTING_REFUSED "$STARTER is $(stat -Lc '%F, mode %a, owner %U' -- "$STARTER" 2>&1); $(id -un) cannot read it"
    case $(stat -Lc %u -- "$STARTER") in
        0 | "$UID") ;;
        *) fail SETTING_REFUSED "$STARTER belongs to $(stat -Lc %U -- "$STARTER"), not to root or $(id -un)" ;;
    esac
    [[ -z $(find -L "$STARTER" -maxdepth 0 -perm /0022 -print) ]] || fail SETTING_REFUSED "$STARTER may be written by others (mode $(stat -Lc %a -- "$STARTER"))"
    (($(stat -Lc %s -- "$STARTER") <= 65536)) || fail SETTING_REFUSED "$STARTER has $(stat -Lc %s -- "$STARTER") bytes, more than an option file of 64 KiB"
    # Comments may be in any encoding; the numbers of the lines stay. A last line may have no end.
    { sed 's/^[[:space:]]*[#;].*//' "$STARTER" && echo; } | answer_lines starterLine
}
