"""The entry point: what Delphix may call, and which function answers."""

from __future__ import annotations

import logging

from dlpx.virtualization.libs import PlatformHandler
from dlpx.virtualization.platform import Plugin

from operations import discovery, linked, virtual

logging.getLogger().addHandler(PlatformHandler())
logging.getLogger().setLevel(logging.INFO)

plugin = Plugin()


@plugin.discovery.repository()
def discover_repositories(source_connection):
    return discovery.repositories(source_connection)


@plugin.discovery.source_config()
def discover_source_configs(source_connection, repository):
    return discovery.source_configs(source_connection, repository)


@plugin.linked.mount_specification()
def linked_mount_specification(staged_source, repository):
    return linked.mount_specification(staged_source, repository)


@plugin.linked.pre_snapshot()
def linked_pre_snapshot(staged_source, repository, source_config, optional_snapshot_parameters):
    linked.pre_snapshot(staged_source, repository, source_config, optional_snapshot_parameters)


@plugin.linked.post_snapshot()
def linked_post_snapshot(staged_source, repository, source_config, optional_snapshot_parameters):
    return linked.post_snapshot(staged_source, repository, source_config)


@plugin.linked.start_staging()
def linked_start_staging(staged_source, repository, source_config):
    linked.start_staging(staged_source, repository, source_config)


@plugin.linked.stop_staging()
def linked_stop_staging(staged_source, repository, source_config):
    linked.stop_staging(staged_source, repository, source_config)


@plugin.linked.status()
def linked_status(staged_source, repository, source_config):
    return linked.status(staged_source, repository, source_config)


@plugin.linked.source_size()
def linked_source_size(staged_source, repository, source_config):
    return linked.source_size(staged_source, repository, source_config)


@plugin.virtual.mount_specification()
def virtual_mount_specification(virtual_source, repository):
    return virtual.mount_specification(virtual_source, repository)


@plugin.virtual.configure()
def virtual_configure(virtual_source, repository, snapshot):
    return virtual.configure(virtual_source, repository, snapshot)


@plugin.virtual.reconfigure()
def virtual_reconfigure(virtual_source, repository, source_config, snapshot):
    return virtual.reconfigure(virtual_source, repository, snapshot)


@plugin.virtual.unconfigure()
def virtual_unconfigure(virtual_source, repository, source_config):
    virtual.unconfigure(virtual_source, repository)


@plugin.virtual.cleanup()
def virtual_cleanup(virtual_source, repository, source_config):
    virtual.cleanup(virtual_source, repository)


@plugin.virtual.start()
def virtual_start(virtual_source, repository, source_config):
    virtual.start(virtual_source, repository)


@plugin.virtual.stop()
def virtual_stop(virtual_source, repository, source_config):
    virtual.stop(virtual_source, repository)


@plugin.virtual.status()
def virtual_status(virtual_source, repository, source_config):
    return virtual.status(virtual_source, repository)


@plugin.virtual.pre_snapshot()
def virtual_pre_snapshot(virtual_source, repository, source_config):
    virtual.pre_snapshot(virtual_source, repository)


@plugin.virtual.post_snapshot()
def virtual_post_snapshot(virtual_source, repository, source_config):
    return virtual.post_snapshot(virtual_source, repository)


@plugin.virtual.source_size()
def virtual_source_size(virtual_source, repository, source_config):
    return virtual.source_size(virtual_source, repository)
