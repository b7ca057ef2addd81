"""A VDB for each branch of your code, to be made and taken away by a pipeline.

clone_per_branch.py up DSOURCE BRANCH TARGET_ENVIRONMENT
    Make the branch's VDB from the newest snapshot, or refresh it; print its name and port.
clone_per_branch.py down DSOURCE BRANCH
    Delete it, if there is one.

Ports 3400 to 3499 are the clones'. The login to create is the secret mariadb/DSOURCE/clone.
"""

import hashlib
import json
import re
from typing import Any

import common
from delphixpy.v1_11_52.delphix_engine import DelphixEngine
from delphixpy.v1_11_52.web import database, environment, repository, source, vo

PORTS = range(3400, 3500)


def name_of(dsource: str, branch: str) -> str:
    """Feature/A and feature-a are two branches: a part of a checksum keeps them apart."""
    slug = re.sub("[^a-z0-9]", "_", branch.lower())[:24]
    return f"{dsource}_{slug}_{hashlib.sha256(branch.encode()).hexdigest()[:6]}"


def free_port(engine: DelphixEngine) -> int:
    """The first one that no VDB of the engine has."""
    used = {(row.parameters or {}).get("port") for row in source.get_all(engine)}
    return next(port for port in PORTS if port not in used)


def provision(engine: DelphixEngine, name: str, dsource: Any, target_host: str, point: Any) -> None:
    """Make the VDB."""
    target = common.named(environment.get_all(engine), target_host)
    installations = repository.get_all(engine, environment=target.reference)
    path = f"/mnt/delphix/{name}"

    container = vo.AppDataContainer()
    container.name, container.group = name, common.group_reference(engine)
    container.sourcing_policy = vo.SourcingPolicy()
    container.sourcing_policy.logsync_enabled = False

    virtual = vo.AppDataVirtualSource()
    virtual.name, virtual.additional_mount_points = name, []
    virtual.allow_auto_vdb_restart_on_host_reboot = True
    virtual.parameters = {
        "mountPath": path,
        "port": free_port(engine),
        "vdbCredentials": common.vault_secret(f"mariadb/{dsource.name}/clone"),
    }

    config = vo.AppDataDirectSourceConfig()
    config.name, config.path, config.parameters = name, path, {}
    config.repository = next(
        row.reference for row in installations if row.toolkit == dsource.toolkit
    )
    config.environment_user, config.linking_enabled = target.primary_user, True

    asked = vo.AppDataProvisionParameters()
    asked.container, asked.source, asked.source_config = container, virtual, config
    asked.timeflow_point_parameters = point
    database.provision(engine, asked)


def clone(
    engine: DelphixEngine, what: str, dsource_name: str, branch: str, target_host: str = ""
) -> None:
    """Make, refresh or delete."""
    name = name_of(dsource_name, branch)
    there = [row.reference for row in database.get_all(engine) if row.name == name]
    if what == "down":
        for reference in there:
            database.delete(engine, reference, vo.DeleteParameters())
        return
    dsource = common.dataset(engine, dsource_name)
    point = common.at(common.newest_snapshot(engine, dsource.reference).reference)
    if there:
        asked = vo.RefreshParameters()
        asked.timeflow_point_parameters = point
        database.refresh(engine, there[0], asked)
    else:
        provision(engine, name, dsource, target_host, point)
    (row,) = source.get_all(engine, database=common.dataset(engine, name).reference)
    print(json.dumps({"name": name, "port": row.parameters["port"]}))


if __name__ == "__main__":
    common.run(clone, 3, __doc__)
