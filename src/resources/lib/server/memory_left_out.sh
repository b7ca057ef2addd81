#!/usr/bin/env bash
# Leaving MEMORY tables out of the replication of the server of MOUNT: a change of an old row would end it.
# Needs: dataset/warnings server/client server/memory_tables server/must_sql writers

# leave_out_memory: before replication starts: the MEMORY tables that are here now are left out of it, the names
# that its filter has already stay. A name that holds a comma cannot be in it.
leave_out_memory() {
    local rows line names
    local -a ROW
    rows=$(memory_tables)
    [[ -n $rows ]] && sql_thread_rests || return 0
    names=$(sql --raw <<<"SELECT @@global.replicate_ignore_table")
    while IFS= read -r line; do
        decode_row "$line"
        line="${ROW[0]}.${ROW[1]}"
        if [[ $line == *,* ]]; then
            keep_warning "the MEMORY table $line is empty on staging and in VDBs, and cannot be left out of replication, for its name holds a comma: a change of its rows may stop replication"
        elif [[ ",$names," != *",$line,"* ]]; then
            names+="${names:+,}$line"
        fi
    done <<<"$rows"
    must_sql "leaving MEMORY tables out of replication" <<<"SET SESSION sql_mode = ''; SET GLOBAL replicate_ignore_table = $(sql_text "$names")"
    tell_memory "$rows"
    keep_warning "MEMORY tables are not replicated; where the source's binlog_format is not ROW, a statement that reads one of them finds it empty on staging"
}

# sql_thread_rests: its filter may be changed now.
sql_thread_rests() {
    local status
    status=$(sql --vertical --column-names <<<"SHOW SLAVE STATUS")
    ! grep -qE '^ *Slave_SQL_Running: Yes$' <<<"$status"
}
