#!/usr/bin/env bash
# XA transactions that are prepared on the server of MOUNT: their rows stay locked until somebody ends them.
# Needs: server/client

# prepared_here: their names, as SQL takes them, one a line.
prepared_here() { sql <<<"XA RECOVER FORMAT = 'SQL'" | cut -f4; }
