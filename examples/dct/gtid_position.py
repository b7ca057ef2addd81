"""Print the GTID position of the newest snapshot of a dSource.

gtid_position.py DSOURCE

Every transaction of the source up to there is in the snapshot. DCT has the plugin's metadata as a
text: JSON in a string.
"""

import json
import sys

import common
from delphix.api.gateway import ApiClient


def gtid_position(client: ApiClient, name: str) -> None:
    """Print it."""
    newest = common.newest_snapshot(client, common.dsource(client, name).id)
    metadata = json.loads(newest.get("appdata_metadata") or "{}") if newest else {}
    if "gtidPosition" not in metadata:
        sys.exit(f"{name} has no snapshot with a position")
    print(metadata["gtidPosition"])


if __name__ == "__main__":
    common.run(gtid_position, 1, __doc__)
