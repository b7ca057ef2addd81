#!/usr/bin/env bash
# What the accounts and roles of a server may do, as lines that two servers can be compared by.
# Needs: verify/definitions writers

# account_lines COMMAND...: `user host digest` for each account and each of its grants, from the server that the
# command asks. Without our own account, and what the plugin locks counts as locked everywhere: CLOSED_SQL is the
# condition for it.
account_lines() {
    {
        printf '%s;\n' "$READING_SQL"
        grants_query
    } | "$@" | sort
}

# grants_query: passwords go into a digest. Of the privileges those that 10.5 knows (up to 10.4 on both ends:
# 10.4): a newer server gives more with the same GRANT ALL.
grants_query() {
    cat <<SQL
SET @known = IF('$OLD_GRANTS' = 'yes', 1073741823, 549755813887);
SELECT user, host, SHA1(what) FROM (
SELECT User AS user, Host AS host, CONCAT_WS('|', IFNULL(JSON_VALUE(Priv, '$.access'), 0) & @known,
        IFNULL(NULLIF(JSON_VALUE(Priv, '$.plugin'), 'mysql_native_password'), ''), IFNULL(JSON_VALUE(Priv, '$.authentication_string'), ''),
        IFNULL(JSON_COMPACT(JSON_EXTRACT(Priv, '$.auth_or')), ''), JSON_VALUE(Priv, '$.is_role') IS NOT NULL,
        IFNULL(JSON_VALUE(Priv, '$.default_role'), ''), IFNULL(JSON_VALUE(Priv, '$.ssl_type'), 0), IFNULL(JSON_VALUE(Priv, '$.ssl_cipher'), ''),
        IFNULL(JSON_VALUE(Priv, '$.x509_issuer'), ''), IFNULL(JSON_VALUE(Priv, '$.x509_subject'), ''), IFNULL(JSON_VALUE(Priv, '$.max_queries'), 0),
        IFNULL(JSON_VALUE(Priv, '$.max_updates'), 0), IFNULL(JSON_VALUE(Priv, '$.max_connections'), 0), IFNULL(JSON_VALUE(Priv, '$.max_user_connections'), 0),
        IFNULL(JSON_VALUE(Priv, '$.max_statement_time'), 0), IFNULL(JSON_VALUE(Priv, '$.password_lifetime'), ''),
        IFNULL(JSON_VALUE(Priv, '$.account_locked'), '0') IN ('1', 'true') OR $CLOSED_SQL) AS what FROM mysql.global_priv
UNION ALL SELECT User, Host, CONCAT_WS('|', 'db', Db, Select_priv, Insert_priv, Update_priv, Delete_priv, Create_priv, Drop_priv, Grant_priv, References_priv,
        Index_priv, Alter_priv, Create_tmp_table_priv, Lock_tables_priv, Create_view_priv, Show_view_priv, Create_routine_priv, Alter_routine_priv,
        Execute_priv, Event_priv, Trigger_priv, Delete_history_priv) FROM mysql.db
UNION ALL SELECT User, Host, CONCAT_WS('|', 'table', Db, Table_name, Table_priv, Column_priv) FROM mysql.tables_priv
UNION ALL SELECT User, Host, CONCAT_WS('|', 'column', Db, Table_name, Column_name, Column_priv) FROM mysql.columns_priv
UNION ALL SELECT User, Host, CONCAT_WS('|', 'routine', Db, Routine_name, Routine_type, Proc_priv & 7) FROM mysql.procs_priv
UNION ALL SELECT User, Host, CONCAT_WS('|', 'role', Role, Admin_option) FROM mysql.roles_mapping
UNION ALL SELECT User, Host, CONCAT_WS('|', 'proxy', Proxied_host, Proxied_user, With_grant) FROM mysql.proxies_priv
) AS all_grants WHERE user NOT IN ('', 'PUBLIC', 'mariadb.sys') AND NOT (user = $(sql_text "$OS_USER") AND host = 'localhost');
SQL
}
