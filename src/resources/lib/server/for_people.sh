#!/usr/bin/env bash
# The proof that people can work with the server of MOUNT. MADE is yes for one that was made just now.
# Needs: server/people server/usable

prove_for_people() {
    [[ $MADE == no ]] || look_at_tables
    prove_libraries
    learn_encryption
    prove_work
    prove_login
    prove_accounts
    prove_events
    [[ $MADE == no ]] || prove_tables
}
