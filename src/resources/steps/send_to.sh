#!/usr/bin/env bash
# Summary: on the source host: tells the sending job where to send.
# Inputs: GUID SEND_DIR ADDRESS PORT PEER_CERTIFICATE PEER_TIME MOUNT?
# Secrets: -
# Answers: -
# Fails: DISK_SPACE MOUNT_NOT_WRITABLE TRANSFER_BROKEN UNEXPECTED
# Repeatable: no, it is told once
# Needs: dataset/write send/place story

main() {
    : "${GUID:?}" "${SEND_DIR:?}" "${ADDRESS:?}" "${PORT:?}" "${PEER_CERTIFICATE:?}" "${PEER_TIME:?}"
    if ! require_place || ! sender_alive; then fail TRANSFER_BROKEN "the sending job is gone"; fi
    write_text "$SEND_DIR/orders" <<<"$ADDRESS"$'\n'"$PORT"$'\n'"$PEER_TIME"$'\n'"$PEER_CERTIFICATE"
}

story_setup
main "$@"
