"""MariaDB for the lab: a source with data and accounts, exact comparison, a writer, `./dev lab`."""
