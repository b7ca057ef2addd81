"""Pure knowledge, no I/O: parameters, layout, configuration, versions, GTID, replica status."""
