#!/usr/bin/env bash
# Summary: reads the host's starter option file, if there is one.
# Inputs: STARTER
# Secrets: -
# Answers: starterLine
# Fails: SETTING_REFUSED
# Repeatable: yes, it only reads

main() {
    : "${STARTER:?}"
    answer_starter
}

story_setup
main "$@"
