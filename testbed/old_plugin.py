"""What the public plugin 1.0.0 leaves behind: its objects in the engine, its datasets on hosts.

After its source, github.com/delphix/mariadb-plugin (schema.json, src/plugin_runner.py,
src/resources/restore_stage.sh, provision.sh, library.sh): data made by root for the user mysql and
opened to its group, my.cnf edited with ##dlpx## comments, a server started with its places on the
command line and killed rather than stopped.
"""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, replace

from lab.lab import Lab
from lab.model import (
    Container,
    ContainerState,
    Json,
    Kind,
    MountPoint,
    Plugin,
    Repository,
    Snapshot,
    SourceConfig,
)
from testbed.old_server import BASE_DIR, OldServer, staging_config, vdb_config
from testbed.parameters import READER, REPLICATOR

PLUGIN_ID = "62b26730-08c6-4f0e-bdcc-2a2bd77f1039"
_INSTALLATION = f"""set -euo pipefail
mkdir -p {BASE_DIR}/bin {BASE_DIR}/sbin
cp /usr/sbin/mariadbd {BASE_DIR}/bin/mysqld
ln -sf ../bin/mysqld {BASE_DIR}/sbin/mariadbd
for name in mysql mysqladmin mysqldump mysql_install_db my_print_defaults; do
    ln -sf "/usr/bin/$name" {BASE_DIR}/bin/
done
ln -sfn /usr/share {BASE_DIR}/share
ln -sfn /usr/lib {BASE_DIR}/lib
chmod -R 755 {BASE_DIR}/bin
usermod -a -G mysql delphix
"""
_CREATE = """set -euo pipefail
chmod 755 "$1"
chgrp mysql "$1"
mysql_install_db --no-defaults --user=mysql --auth-root-authentication-method=normal \\
    --datadir="$1/data" >/dev/null
runuser -u delphix -- mkdir "$1/log" "$1/tmp"
chgrp -R mysql "$1/data" "$1/log" "$1/tmp"
chmod -R g+rwx "$1/data" "$1/log" "$1/tmp"
"""


def _quoted(text: str) -> str:
    """A plain literal, which CHANGE MASTER wants, for an empty sql_mode."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


@dataclass
class OldPlugin:
    """Plugin 1.0.0 in a lab whose engine cannot run it: everything it would have made."""

    lab: Lab
    reference: str = ""

    def install(self, *hosts: str) -> None:
        """The plugin and what its discovery finds on these hosts."""
        store = self.lab.engine.store
        plugin = Plugin(
            store.new_reference(Plugin.PREFIX), PLUGIN_ID, "Mariadb-sdk-plugin", "1.0.0", (), ""
        )
        self.reference = plugin.reference
        store.put(plugin)
        for name in hosts:
            self.lab.hosts[name].run_as_root(["bash", "-c", _INSTALLATION])
            version = self.lab.hosts[name].run_as_root(["mysqld", "--version"]).text.split()
            old = {
                "name": f"(MariaDB Server) {version[2]}",
                "version": next(word for word in version if "MariaDB" in word),
                "installPath": f"{BASE_DIR}/bin",
            }
            self.repository(name, old)

    def repository(self, host: str, content: Json) -> str:
        """A repository; returns its reference."""
        store = self.lab.engine.store
        reference = store.new_reference(Repository.PREFIX)
        environment = self.lab.engine.environment(host).reference
        store.put(Repository(reference, content["name"], environment, self.reference, content))
        return reference

    def repository_of(self, host: str) -> str:
        """The first repository of a host."""
        environment = self.lab.engine.environment(host).reference
        rows = self.lab.engine.store.all(Repository, lambda row: row.environment == environment)
        return rows[0].reference

    def source_config(self, repository: str, content: Json, container: str | None = None) -> str:
        """A source config, typed by hand unless it is a VDB's; returns its reference."""
        store = self.lab.engine.store
        reference = store.new_reference(SourceConfig.PREFIX)
        row = SourceConfig(reference, content["dbName"], repository, content, manual=not container)
        store.put(replace(row, container=container))
        return reference

    def container(self, name: str, kind: Kind, host: str, content: Json) -> Container:
        """A dSource or VDB without a dataset, disabled."""
        store = self.lab.engine.store
        container = Container(
            reference=store.new_reference(Container.PREFIX),
            name=name,
            kind=kind,
            guid=str(uuid.uuid4()),
            environment=self.lab.engine.environment(host).reference,
            repository=self.repository_of(host),
            parameters=content,
            state=ContainerState.DISABLED,
            timeflow=store.new_reference("APPDATA_TIMEFLOW"),
        )
        store.put(container)
        return container

    def mounted(self, container: Container, mount: str) -> Container:
        """The container with its dataset mounted: enabled."""
        place = MountPoint(container.environment, mount)
        volume = self.lab.engine.machine.pool.dataset_volume(container.dataset)
        self.lab.engine.host(container.environment).mount(volume, mount)
        enabled = replace(container, mounts=(place,), state=ContainerState.ENABLED)
        self.lab.engine.store.put(enabled)
        return enabled

    def snapshot(self, container: Container, moment: str) -> Snapshot:
        """A storage snapshot with the facts that 1.0.0 returned, its password among them."""
        store, port = self.lab.engine.store, container.parameters
        reference = store.new_reference(Snapshot.PREFIX)
        metadata = {
            "snapshotId": "471147114",
            "snapPort": port.get("stagingPort") or port.get("port"),
            "snapDataDir": container.mounts[0].path,
            "snapBaseDir": BASE_DIR,
            "snapPass": "delphixdb",
            "snapBackupPath": "",
            "snapTime": moment,
        }
        row = Snapshot(
            reference, f"@{moment}", container.reference, container.timeflow, moment, metadata
        )
        self.lab.engine.machine.pool.snapshot(container.dataset, row.storage_name)
        store.put(row)
        return row

    # -- whole objects -------------------------------------------------------------------------

    def link(self, name: str, extra: str = "") -> tuple[Container, OldServer]:
        """A dSource of type Replication with one snapshot; its server runs."""
        staging, mount, port = self.lab.hosts["staging"], f"/mnt/provision/{name}", 3308
        config = {
            "dataDir": "/srv/mariadb",
            "port": "3306",
            "baseDir": BASE_DIR,
            "dbName": f"db of {name}",
        }
        source_config = self.source_config(self.repository_of("staging"), config)
        content = {
            "dSourceType": "Replication",
            "stagingPass": "delphixdb",
            "stagingBasedir": "/usr",
            "serverId": "102",
            "stagingPort": str(port),
            "mountPath": mount,
            "sourceip": self.lab.hosts["source"].address,
            "backupPath": "",
            "sourceUser": READER.user,
            "sourcePass": READER.password,
            "logSync": True,
            "replicationUser": REPLICATOR.user,
            "replicationPass": REPLICATOR.password,
        }
        container = self.container(name, Kind.DSOURCE, "staging", content)
        container = replace(container, source_config=source_config)
        pool = self.lab.engine.machine.pool
        pool.create_dataset(container.dataset, staging.uid, staging.gid)
        container = self.mounted(container, mount)
        server = OldServer(staging, mount, port, 102)
        staging.run_as_root(["bash", "-c", _CREATE, "bash", mount])
        server.write_config(staging_config(mount, port, extra))
        self._load(server)
        server.kill()
        self.snapshot(container, "20210812093000")
        server.start()
        return container, server

    def _load(self, server: OldServer) -> None:
        """One dump of everything, accounts included, and replication by file and position."""
        server.start()
        where = ["--no-defaults", "--socket=/run/mysqld/mysqld.sock"]
        what = ["--all-databases", "--single-transaction", "--master-data=2", "--force"]
        dump = self.lab.hosts["source"].run_as_root(
            ["mysqldump", *where, *what, "--routines", "--events"], check=False
        )
        found = re.search(rb"MASTER_LOG_FILE='([^']+)', MASTER_LOG_POS=(\d+)", dump.stdout)
        assert found, dump.stderr
        client = ["mysql", "--no-defaults", f"--socket={server.mount}/mysql.sock", "--force"]
        server.host.run_as_root([*client, "-e", "RESET MASTER"])
        server.host.run_as_root(client, input=dump.stdout, check=False, timeout=120)
        server.kill()
        server.start()
        address, file, position = self.lab.hosts["source"].address, found[1], found[2]
        server.server.query(
            "SET SESSION sql_mode = '';"
            f"CHANGE MASTER TO MASTER_HOST={_quoted(address)}, MASTER_PORT=3306,"
            f" MASTER_USER={_quoted(REPLICATOR.user)},"
            f" MASTER_PASSWORD={_quoted(REPLICATOR.password)},"
            f" MASTER_LOG_FILE={_quoted(file.decode())}, MASTER_LOG_POS={position.decode()},"
            " MASTER_USE_GTID=no; START SLAVE"
        )

    def provision(self, name: str, snapshot: Snapshot, port: int) -> tuple[Container, OldServer]:
        """A VDB of a snapshot, without one of its own; its server runs."""
        target, mount = self.lab.hosts["target"], f"/mnt/provision/{name}"
        content = {
            "vdbHost": "localhost",
            "vdbUser": READER.user,
            "vdbPass": READER.password,
            "baseDir": BASE_DIR,
            "port": str(port),
            "serverId": "201",
            "mPath": mount,
            "config_settings_prov": [{"propertyName": "max_connections", "value": "77"}],
        }
        container = self.container(name, Kind.VDB, "target", content)
        config = {
            "dataDir": mount,
            "port": str(port),
            "baseDir": BASE_DIR,
            "dbName": f"MariaVDB - {port} - {mount}/data",
        }
        container = replace(
            container,
            parent=snapshot.container,
            parent_snapshot=snapshot.reference,
            source_config=self.source_config(container.repository, config, container.reference),
        )
        pool = self.lab.engine.machine.pool
        pool.clone(snapshot.storage_name, container.dataset, target.uid, target.gid)
        container = self.mounted(container, mount)
        server = OldServer(target, mount, port, 201)
        server.write_config(vdb_config(mount, port))
        server.start()
        # The second statement fails (ERROR 1201, the relay logs have another name); 1.0.0 did not
        # look, so its VDBs keep the replication configuration.
        client = ["mysql", "--no-defaults", f"--socket={mount}/mysql.sock", "--force"]
        reset = b"STOP SLAVE; CHANGE MASTER TO MASTER_HOST=' '; RESET SLAVE ALL;"
        target.run_as_root(client, input=reset, check=False)
        return container, server
