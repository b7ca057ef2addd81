"""Link a source by replication; both accounts are in a vault. Prints the dSource's reference.

link.py DSOURCE SOURCE_ENVIRONMENT SOURCE_CONFIG STAGING_ENVIRONMENT STAGING_PORT

The job ends before the first sync does: go on with wait_first_snapshot.py.
Secrets: mariadb/DSOURCE/copy and mariadb/DSOURCE/replication, each with `user` and `password`.
"""

import common
from delphixpy.v1_11_52.delphix_engine import DelphixEngine
from delphixpy.v1_11_52.web import database, environment, sourceconfig, vo


def link(
    engine: DelphixEngine, name: str, source_host: str, config: str, staging_host: str, port: str
) -> None:
    """Link, and print the reference."""
    source = common.named(environment.get_all(engine), source_host)
    staging = common.named(environment.get_all(engine), staging_host)
    configs = sourceconfig.get_all(engine, environment=source.reference)

    data = vo.AppDataStagedLinkData()
    data.config = common.named(configs, config).reference
    data.environment_user = source.primary_user
    data.staging_environment = staging.reference
    data.staging_environment_user = staging.primary_user
    data.parameters = {
        "mountPath": f"/mnt/delphix/{name}_staging",
        "stagingPort": int(port),
        "ingestionMode": "Replication",
        "sourceCredentials": common.vault_secret(f"mariadb/{name}/copy"),
        "replicationCredentials": common.vault_secret(f"mariadb/{name}/replication"),
    }
    data.sync_parameters = vo.AppDataSyncParameters()
    data.sync_parameters.parameters = {"resync": True}
    data.operations = vo.LinkedSourceOperations()
    data.sourcing_policy = vo.SourcingPolicy()
    data.sourcing_policy.logsync_enabled = False

    asked = vo.LinkParameters()
    asked.name, asked.group, asked.link_data = name, common.group_reference(engine), data
    print(database.link(engine, asked))


if __name__ == "__main__":
    common.run(link, 5, __doc__)
