"""Pure knowledge, no I/O: parameters, layout, server configuration, versions, GTID, replica status."""
