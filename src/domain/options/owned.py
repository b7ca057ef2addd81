"""Settings that belong to the plugin: what ties a server to its dataset, and every path."""

from __future__ import annotations

import re

from domain.outside import reaches_out

_PREFIXES = ("skip_", "enable_", "disable_", "loose_", "maximum_", "autoset_")

# The plugin gives these their values: they tie a server to its dataset, its port and its role. From
# a binary log that leaves databases out nothing could be restored.
OWNED = frozenset(
    """
    aria_log_dir_path basedir bind_address character_sets_dir chroot core_file datadir debug_dbug
    debug_gdb defaults_extra_file defaults_file des_key_file event_scheduler extra_port
    federated feedback
    general_log_file grant_tables init_file innodb_buffer_pool_filename innodb_data_home_dir
    innodb_fast_shutdown innodb_log_group_home_dir innodb_tmpdir innodb_undo_directory
    lc_messages_dir local_infile log_basename log_bin log_bin_index log_ddl_recovery log_error
    log_slow_query_file log_tc
    master_info_file networking pid_file plugin_dir port read_only relay_log relay_log_index
    relay_log_info_file rocksdb_datadir rocksdb_wal_dir safe_user_create secure_file_priv
    server_audit_excl_users server_audit_file_path server_audit_incl_users server_id
    slave_exec_mode slave_load_tmpdir slave_skip_errors
    slave_start slow_query_log_file socket sql_error_log_filename symbolic_links tmpdir unix_socket
    user
    binlog_do_db binlog_ignore_db
    """.split()
)
# Families of settings: what replication leaves out would be missing from later syncs in silence,
# and no server may become a member of somebody's cluster.
OWNED_FAMILIES = ("replicate_", "wsrep_")
# Names of other settings that are also the beginning of an owned one; these are not owned.
_WHOLE_NAMES = frozenset(
    """
    aria debug general_log innodb lc_messages log_slow_query rocksdb server_audit slow_query_log
    sql_error_log
    """.split()
)

# A server writes, moves and reads only what lies in its dataset. What a name ends with tells
# that its value is a path, also of plugins that nobody here has heard of.
PATH_SETTINGS = "^.*_(file|filename|path|dir|directory|home|logdir|datadir|keytab)$"
# Read and never written: keys, certificates, lists of words. The administrator vouches for them.
READ_SETTINGS = (
    "^(ssl_(ca|capath|cert|key|crl|crlpath)|ft_stopword_file|gssapi_keytab_path"
    "|(file|hashicorp|aws)_key_management_[A-Za-z0-9_]+)$"
)
_PATH, _READ = re.compile(PATH_SETTINGS), re.compile(READ_SETTINGS)
# Lists of files of InnoDB: names in the data directory, sizes, nothing else.
FILE_LISTS = ("innodb_data_file_path", "innodb_temp_data_file_path")
_SIZE = r"\d{1,15}[KMGkmg]?"
_FILE = rf"[A-Za-z0-9_-][A-Za-z0-9_.-]{{0,63}}:{_SIZE}(:autoextend(:max:{_SIZE})?)?"
_FILE_LIST = re.compile(rf"{_FILE}(;{_FILE})*\Z")
# Libraries by their names, looked for in the installation's own directory.
LOADS = ("plugin_load", "plugin_load_add")
_LIBRARY = re.compile(r"([A-Za-z0-9_-]+=)?[A-Za-z0-9_-][A-Za-z0-9_.-]*\Z")


def is_owned(name: str) -> bool:
    """Whether a setting (by its canonical name) belongs to the plugin, whatever its value.

    The server accepts an option by any unambiguous beginning of its name, so the beginnings of
    owned names belong to the plugin, too.
    """
    name = bare(name)
    if name.startswith(OWNED_FAMILIES) or name + "_" in OWNED_FAMILIES:
        return True
    if name not in _WHOLE_NAMES and any(owned.startswith(name) for owned in OWNED):
        return True
    return bool(_PATH.fullmatch(name)) and name not in FILE_LISTS and not _READ.fullmatch(name)


def why(name: str, value: str | None, outside: bool = False) -> str:
    """Why people may not give this setting (by its canonical name), empty when they may.

    Args:
        name, value: of the setting.
        outside: libraries that reach out may be loaded.
    """
    if is_owned(name):
        return "belongs to the plugin"
    name, value = bare(name), value or ""
    if _beginning(name, FILE_LISTS):
        fits = not value or bool(_FILE_LIST.match(value))
        return "" if fits else "names files other than plain ones of the data directory"
    if _beginning(name, LOADS):
        libraries = [part.strip() for part in value.split(";") if part.strip()]
        if not all(_LIBRARY.match(part) for part in libraries):
            return "names a library by more than its plain name"
        reaching = [] if outside else [part for part in libraries if reaches_out(part)]
        return f"loads {reaching[0]}, which reaches out of the copy" if reaching else ""
    if _READ.fullmatch(name):
        return ""
    if value.startswith(("/", "~", "./")) or ".." in value.split("/"):
        return "has a path for a value, and paths belong to the plugin"
    return ""


def bare(name: str) -> str:
    """The setting behind prefixes: `loose_skip_networking` is about `networking`."""
    for prefix in _PREFIXES:
        if name.startswith(prefix):
            return bare(name.removeprefix(prefix))
    return name


def _beginning(name: str, known: tuple[str, ...]) -> bool:
    """Whether `name` is one of `known`, or a beginning of one that the server takes for it."""
    return any(full.startswith(name) and len(name) > len("innodb_") for full in known)
