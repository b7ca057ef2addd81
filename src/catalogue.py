"""Everything that can go wrong: one entry per kind of failure, in the order of their codes."""

from __future__ import annotations

from collections.abc import Mapping

from error_kind import Error

# One block an entry reads better than one argument a line.
# fmt: off
ENTRIES = (
    Error("INPUT_INVALID", 10,
          "A parameter has a value that cannot be used",
          "Correct the parameter named above and run the operation again."),
    Error("MOUNT_PATH_INVALID", 11,
          "The mount path cannot be used",
          "Choose an absolute path of at most 80 characters in a directory of its own, for "
          "example /mnt/delphix/sales, outside the directories of the operating system."),
    Error("SETTING_REFUSED", 12,
          "A server setting belongs to the plugin or cannot be written to an option file",
          "Remove it from configSettings, or from the host's starter file; where a parameter "
          "exists for it (port, serverId, bindAddress, binaryLog, eventScheduler), set that."),
    Error("CREDENTIALS_UNAVAILABLE", 13,
          "Delphix could not get a login from its credentials supplier",
          "Check the password vault and the supplier's settings, then run the operation again."),
    Error("INSTALLATION_NOT_FOUND", 20,
          "No MariaDB installation that can be used was found on the host",
          "Install the MariaDB server package on that host, or name the installation with "
          "stagingBaseDir or DELPHIX_MARIADB_PATH, and refresh the environment."),
    Error("VERSION_UNSUPPORTED", 21,
          "This version of MariaDB is not supported",
          "Use MariaDB 10.4 or later on the source, staging and target hosts."),
    Error("VERSION_MISMATCH", 22,
          "The MariaDB versions do not fit together",
          "Staging may be newer than the source, and a VDB newer than its snapshot, never older. A "
          "VDB of a newer series needs an installation of the snapshot's series on its host, too."),
    Error("TOOL_MISSING", 23,
          "A program that the operation needs is missing on the host",
          "Install MariaDB's client and server packages there and refresh the environment."),
    Error("HOST_UNREACHABLE", 24,
          "Delphix could not run a command on the host",
          "Check that the host is up and that the environment is enabled and refreshed."),
    Error("STEP_KILLED", 25,
          "A step on the host was ended by a signal",
          "Look for what ended it (out of memory, a kill, a reboot), and run the operation again: "
          "what the step had begun has been stopped."),
    Error("HOST_ENDS_SERVERS", 26,
          "The host ends the servers of the environment user when Delphix logs out",
          "As root, add the environment user to KillExcludeUsers in the host's logind.conf (or set "
          "KillUserProcesses=no) and restart systemd-logind."),
    Error("TARGET_UNUSABLE", 27,
          "The target directory cannot take a physical copy",
          "Name an empty or a new directory, outside of datasets and data directories."),
    Error("MOUNT_NOT_MOUNTED", 30,
          "Nothing is mounted at the mount path",
          "Enable the dataset so that Delphix mounts it, then run the operation again."),
    Error("MOUNT_NOT_OURS", 31,
          "The mounted directory holds files that this plugin did not make",
          "Use another mount path; nothing was changed in the directory."),
    Error("MOUNT_IN_USE", 32,
          "The mount path is in use by something else",
          "Choose another mount path, or empty the directory, or disable the dataset that is "
          "mounted there; nothing was changed."),
    Error("DISK_SPACE", 33,
          "There is not enough free space for the operation",
          "Give the storage named above room (a dataset: free space in the Delphix storage, raise "
          "its quota), and run the operation again."),
    Error("PORT_IN_USE", 34,
          "The port is used by another program or another dataset",
          "Choose a free port, or stop what uses this one; what is running was not touched."),
    Error("SERVER_ID_IN_USE", 35,
          "The server id is used by the source or by another dataset",
          "Choose another server id, or leave it empty so that the plugin derives one."),
    Error("MOUNT_NOT_WRITABLE", 36,
          "The environment user cannot write to the mounted dataset",
          "Check the owner of the mount and that the environment user is the one Delphix exports "
          "to."),
    Error("SOURCE_FOREIGN", 37,
          "The server that answers is not the one that was discovered",
          "Make the discovered server listen on that address and port, refresh the environment, or "
          "name the address by sourceHost and sourcePort (or a source config of your own)."),
    Error("SOURCE_LOG_INCOMPLETE", 38,
          "Changes of the source are missing from its binary log",
          "Set log_slave_updates = ON on the source, take binlog_do_db and binlog_ignore_db away, "
          "restart it and run a resync; or switch LogSync off for this dSource."),
    Error("DATASET_EMPTY", 39,
          "The dataset was never filled",
          "Run a sync with resync: it copies the source."),
    Error("SOURCE_UNREACHABLE", 40,
          "The source server cannot be reached from the staging host",
          "Check that the source runs, is not frozen and takes connections, sourceHost and "
          "sourcePort, its bind_address and the firewall between the staging host and the source."),
    Error("SOURCE_LOGIN_REFUSED", 41,
          "The source server refuses the login",
          "Check what the message names of the account on the source: user name, password, host "
          "part, lock, expiry, authentication plugin."),
    Error("SOURCE_NO_BINLOG", 42,
          "The source server writes no binary log, so it cannot be replicated",
          "Set log_bin on the source and restart it, or switch LogSync off for this dSource."),
    Error("SOURCE_PRIVILEGE_MISSING", 43,
          "The source account lacks a privilege",
          "Run the GRANT statements above on the source and try again."),
    Error("SOURCE_DATABASE_UNKNOWN", 44,
          "A database to copy is not on the source",
          "Correct the list of databases; names are case-sensitive where the source's are."),
    Error("SOURCE_TLS", 45,
          "The TLS connection to the source failed",
          "Check tlsMode (does the source demand TLS?), the certificate paths on the staging host "
          "and the source's certificate."),
    Error("SOURCE_NOT_MARIADB", 46,
          "The source server is not MariaDB",
          "Point sourceHost and sourcePort at a MariaDB server."),
    Error("SOURCE_LOCK_TIMEOUT", 47,
          "What must stand still on the source while a copy begins could not be held",
          "Run the operation when no long statement, table change, open transaction or prepared XA "
          "transaction is using what is named above; non-transactional tables may be converted to "
          "InnoDB."),
    Error("SOURCE_QUERY_FAILED", 48,
          "A query on the source server failed",
          "Read the server's own error above, cure it on the source and try again."),
    Error("SOURCE_BINLOG_FORMAT", 49,
          "Selected databases can only be replicated from row events",
          "Run SET GLOBAL binlog_format = 'ROW' on the source (and set it in its option file), or "
          "copy all databases."),
    Error("DUMP_FAILED", 50,
          "Reading the data from the source failed",
          "Read the error of mariadb-dump above, cure it on the source and run a resync."),
    Error("LOAD_FAILED", 51,
          "Loading the data into the staging server failed",
          "Read the server's own error above; correct the object or the setting and run a resync."),
    Error("POSITION_MISSING", 52,
          "The copy has no replication position",
          "Check that the source's binary log is on and was not reset, and run a resync."),
    Error("INVENTORY_DIFFERS", 53,
          "The copy does not hold everything as the source holds it",
          "Check that the source account may see the objects named above, and run a resync."),
    Error("JOB_LOST", 54,
          "The background job on the staging host ended without a result",
          "Look for what stopped it (reboot, out of memory, a kill) and run a resync."),
    Error("JOB_STALLED", 55,
          "The background job on the staging host makes no progress",
          "See what the source and staging servers wait for, and run a resync."),
    Error("BACKUP_UNUSABLE", 56,
          "The backup cannot be used",
          "Make a new full backup with mariadb-dump or mariadb-backup, put it at backupPath on the "
          "staging host where the environment user can read it, and run a resync. With "
          "backupMethod Physical, a resync makes a new one."),
    Error("SOURCE_CHANGED", 57,
          "The source changed while it was copied",
          "Run the operation when nobody makes databases or tables on the source, or changes "
          "its accounts, routines, events or triggers; RELOAD and LOCK TABLES let the copy "
          "lock these."),
    Error("SOURCE_ENCRYPTED", 58,
          "Tables of the source demand encryption, and staging could not create them",
          "Give staging (and VDBs) a key management plugin with the same key ids, by "
          "configSettings or the host's starter file."),
    Error("SOURCE_NAMES", 59,
          "The source has names that MariaDB's own tools cannot carry",
          "Rename the tables or databases named above, or leave their databases out."),
    Error("REPLICATION_BROKEN", 60,
          "Replication into the staging server has stopped with an error",
          "Cure the error above on the source or the staging server, or run a resync."),
    Error("CATCH_UP_TIMEOUT", 61,
          "The staging server did not catch up with the source in time",
          "Raise catchUpTimeout, or run the sync when the source writes less."),
    Error("REPLICATION_NOT_SET_UP", 62,
          "The staging server is not set up as a replica of the source",
          "Run a resync."),
    Error("REPLICA_DIVERGED", 63,
          "The history of the staging server is not proven to be the source's",
          "The source was restored, reset or replaced, no longer tells, or has rows that "
          "replication does not bring: run a resync."),
    Error("VERIFY_DIFFERS", 65,
          "The staging server does not hold what the source holds",
          "No snapshot was taken. Look at what is named above on both ends; a resync copies all "
          "anew."),
    Error("VERIFY_FAILED", 66,
          "The staging server could not be compared with the source",
          "See what moved replication or took the tables away meanwhile, and run the sync again."),
    Error("TRANSFER_BROKEN", 67,
          "The files of the source did not come to the staging host whole",
          "Check that the source host reaches the staging host on the port named above (firewall, "
          "transferPort), see what ended one of the two ends, and run a resync."),
    Error("SOURCE_BACKUP_FAILED", 68,
          "Reading the files on the source host by mariadb-backup failed",
          "Read its own words above. If they say that the redo log was overwritten, raise "
          "innodb_log_file_size on the source or run the resync when it writes less."),
    Error("SOURCE_FILES_CLOSED", 69,
          "The environment user of the source host may not read the source's files",
          "As root on the source host, add the line above to sudoers (see the prerequisites), or "
          "let the environment user read the data directory."),
    Error("SERVER_NOT_READY", 70,
          "The MariaDB server did not answer in time",
          "If it is frozen, let it go on (SIGCONT) or end it; else read the tail of its log above: "
          "crash recovery of a large data set may need a second try."),
    Error("SERVER_DIED", 71,
          "The MariaDB server ended while it was starting",
          "Read the server's own error line above and cure its cause (often a setting in "
          "configSettings), then try again."),
    Error("SERVER_NOT_RUNNING", 72,
          "The MariaDB server of this dataset is not running",
          "Start it (start the VDB, or disable and enable the dSource) and try again."),
    Error("SERVER_NOT_STOPPED", 73,
          "The MariaDB server could not be stopped",
          "Look at the process named above on the host, stop it and try again."),
    Error("SERVER_FOREIGN", 74,
          "The server that answers is not the server of this dataset",
          "Stop the server named above or choose another mount path, and try again."),
    Error("SERVER_INIT_FAILED", 75,
          "A new MariaDB data directory could not be created",
          "Read the output of mariadb-install-db above and cure its cause."),
    Error("SQL_FAILED", 76,
          "A statement failed on the server of this dataset",
          "Read the server's own error above, cure its cause and try again."),
    Error("ENTRY_REFUSED", 77,
          "The server of this dataset refuses the plugin's management account",
          "Stop and start it in Delphix: the account is created again at each start."),
    Error("SERVER_OLD_LAYOUT", 78,
          "The server of this dataset still runs as plugin 1.0.0 started it",
          "Take a snapshot, or disable and enable the dataset: each restarts the server once."),
    Error("UPGRADE_FAILED", 79,
          "The data could not be brought to the series of the server by mariadb-upgrade",
          "See the output. Provision on the snapshot's own series, or mend there what is told."),
    Error("QUIESCE_FAILED", 80,
          "The backup lock for the snapshot could not be taken",
          "Wait for the sessions named above, or KILL them: a table change, a long write to a "
          "table that is not InnoDB, LOCK TABLES or another backup holds it off. Then try again."),
    Error("QUIESCE_LOST", 81,
          "The backup lock was gone before the snapshot was finished",
          "Take the snapshot again; if it happens again, look for what kills sessions there."),
    Error("FLUSH_FAILED", 84,
          "What was written to the dataset could not be brought to its storage for the snapshot",
          "Check the host's connection to the Delphix storage and its kernel log (NFS), "
          "and take the snapshot again."),
    Error("VDB_NOT_WRITABLE", 85,
          "The server of the copy cannot be written to",
          "Remove settings such as read_only or innodb_force_recovery from configSettings."),
    Error("VDB_NOT_INDEPENDENT", 86,
          "The server of the copy is still tied to replication",
          "Try another snapshot, and report this with the log."),
    Error("ACCOUNT_OPEN", 87,
          "The server holds an account that can log in without a password",
          "Lock or drop the accounts named above and try again."),
    Error("VDB_NOT_USABLE", 88,
          "The server of the copy runs, but people could not work with it",
          "Cure what the message names (mostly a setting in configSettings or the starter file, or "
          "a library that the target host lacks), and run the operation again."),
    Error("SNAPSHOT_UNUSABLE", 90,
          "The snapshot does not hold a MariaDB data directory",
          "Choose another snapshot, or run a sync to make a new one."),
    Error("ANSWER_UNREADABLE", 98,
          "The host gave an answer that the plugin cannot read",
          "Run the operation again; report this with the plugin log if it happens again."),
    Error("UNEXPECTED", 99,
          "A step on the host failed in an unexpected way",
          "Read the output below; report this with the plugin log."),
)
# fmt: on

CATALOGUE: Mapping[str, Error] = {entry.name: entry for entry in ENTRIES}


class Refusal(Exception):
    """A failure of the catalogue before anybody has said what was being done.

    Whoever knows that makes it the error that people see (`errors.while_doing`).

    Args:
        name: of the catalogue entry.
        seen: what was seen; one or a few lines.
        output: more lines, such as one hint for each of several failures.
    """

    def __init__(self, name: str, seen: str, output: str = "") -> None:
        super().__init__(f"{name}: {seen}")
        self.entry = CATALOGUE[name]
        self.seen = seen
        self.output = output
        self.part = ""

    def during(self, part: str) -> Refusal:
        """The same, which also names the part of a longer piece of work that it ended."""
        refusal = Refusal(self.entry.name, self.seen, self.output)
        refusal.part = part
        return refusal
