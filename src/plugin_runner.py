"""The entry point: what Delphix may call, and which function answers."""

from __future__ import annotations

import logging

from dlpx.virtualization.libs import PlatformHandler
from dlpx.virtualization.platform import Plugin

from operations import discovery, linked, migrations, physical, virtual
from shown import OneLine

handler = PlatformHandler()
handler.addFilter(OneLine())
logging.getLogger().addHandler(handler)
logging.getLogger().setLevel(logging.INFO)

plugin = Plugin()

plugin.discovery.repository()(discovery.repositories)
plugin.discovery.source_config()(discovery.source_configs)

plugin.linked.mount_specification()(linked.mount_specification)
plugin.linked.pre_snapshot()(linked.pre_snapshot)
plugin.linked.post_snapshot()(linked.post_snapshot)
plugin.linked.start_staging()(linked.start_staging)
plugin.linked.stop_staging()(linked.stop_staging)
plugin.linked.status()(linked.status)
plugin.linked.worker()(linked.worker)
plugin.linked.source_size()(linked.source_size)
plugin.linked.pre_source_to_physical()(physical.check_linked)
plugin.linked.source_to_physical()(physical.make_linked)

plugin.virtual.mount_specification()(virtual.mount_specification)
plugin.virtual.initialize()(virtual.initialize)
plugin.virtual.configure()(virtual.configure)
plugin.virtual.reconfigure()(virtual.reconfigure)
plugin.virtual.unconfigure()(virtual.unconfigure)
plugin.virtual.cleanup()(virtual.cleanup)
plugin.virtual.start()(virtual.start)
plugin.virtual.stop()(virtual.stop)
plugin.virtual.status()(virtual.status)
plugin.virtual.pre_snapshot()(virtual.pre_snapshot)
plugin.virtual.post_snapshot()(virtual.post_snapshot)
plugin.virtual.source_size()(virtual.source_size)
plugin.virtual.pre_source_to_physical()(physical.check_virtual)
plugin.virtual.source_to_physical()(physical.make_virtual)

plugin.upgrade.repository("2.0.0.1")(migrations.repository)
plugin.upgrade.source_config("2.0.0.2")(migrations.source_config)
plugin.upgrade.linked_source("2.0.0.3")(migrations.linked_source)
plugin.upgrade.virtual_source("2.0.0.4")(migrations.virtual_source)
plugin.upgrade.snapshot("2.0.0.5")(migrations.snapshot)
