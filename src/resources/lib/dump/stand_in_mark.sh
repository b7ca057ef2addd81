#!/usr/bin/env bash
# The password hash of accounts that stand in while a dump is loaded: nothing hashes to it, and it tells them apart.

# shellcheck disable=SC2034  # others read it
STAND_IN_MARK='*0DE1F1A5D7A9D1A0DE1F1A5D7A9D1A0DE1F1A5D7'
