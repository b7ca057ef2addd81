#!/usr/bin/env bash
# The replication positions that dumps tell. WORK is the job's directory.
# Needs: answer dump/facts

# dump_position: of the server that each was made on, and of that server's own source.
dump_position() {
    told gtid | answer_lines toldGtid
    told position | answer_lines toldPosition
}
