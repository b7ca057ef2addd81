"""Link a source by replication; both accounts are in a vault. Prints the dSource's id.

link.py DSOURCE SOURCE_ENVIRONMENT SOURCE_CONFIG STAGING_ENVIRONMENT STAGING_PORT

Secrets: mariadb/DSOURCE/copy and mariadb/DSOURCE/replication, each with `user` and `password`.
"""

import common
from delphix.api.gateway import ApiClient
from delphix.api.gateway.api.d_sources_api import DSourcesApi
from delphix.api.gateway.api.environments_api import EnvironmentsApi
from delphix.api.gateway.api.sources_api import SourcesApi
from delphix.api.gateway.model.app_data_d_source_link_source_parameters import (
    AppDataDSourceLinkSourceParameters,
)


def link(
    client: ApiClient, name: str, source_host: str, config: str, staging_host: str, port: str
) -> None:
    """Link, and print the id."""
    find = EnvironmentsApi(client).search_environments
    source, staging = common.named(find, source_host), common.named(find, staging_host)
    found = common.named(SourcesApi(client).search_sources, config, environment_id=source.id)
    asked = AppDataDSourceLinkSourceParameters(
        name=name,
        source_id=found.id,
        group_id=common.group_id(client),
        log_sync_enabled=False,
        link_type="AppDataStaged",
        environment_user=common.user_of(source),
        staging_environment=staging.id,
        staging_environment_user=common.user_of(staging),
        parameters={
            "mountPath": f"/mnt/delphix/{name}_staging",
            "stagingPort": int(port),
            "ingestionMode": "Replication",
            "sourceCredentials": common.vault_secret(f"mariadb/{name}/copy"),
            "replicationCredentials": common.vault_secret(f"mariadb/{name}/replication"),
        },
        sync_parameters={"resync": True},
    )
    answer = DSourcesApi(client).link_appdata_database(asked)
    common.wait(client, answer.job)
    print(answer.dsource_id)


if __name__ == "__main__":
    common.run(link, 5, __doc__)
