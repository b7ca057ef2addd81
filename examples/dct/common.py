"""What the examples beside this file share: the client, and how things are found and waited for.

Environment:
    DCT_URL        Data Control Tower, e.g. https://dct.example.com
    DCT_KEY        the API key, as DCT shows it when it is made
    DELPHIX_GROUP  group of what is made, default Untitled
    DELPHIX_VAULT  the engine's reference of the HashiCorp vault, default HASHICORP_VAULT-1
"""

import os
import sys
import time
from collections.abc import Callable
from typing import Any

from delphix.api.gateway import ApiClient, ApiException, Configuration
from delphix.api.gateway.api.d_sources_api import DSourcesApi
from delphix.api.gateway.api.groups_api import GroupsApi
from delphix.api.gateway.api.jobs_api import JobsApi
from delphix.api.gateway.model.search_body import SearchBody

TIMEOUT = 7200
POLL = 2
RUNNING = ("PENDING", "STARTED", "RUNNING", "WAITING", "SUSPENDED")


class JobFailed(Exception):
    """A job did not end well."""


def connect() -> ApiClient:
    """A client with the key."""
    configuration = Configuration(host=f"{os.environ['DCT_URL']}/v3")
    configuration.api_key["ApiKeyAuth"] = os.environ.pop("DCT_KEY")
    configuration.api_key_prefix["ApiKeyAuth"] = "apk"
    return ApiClient(configuration)


def run(example: Callable[..., None], count: int, story: str) -> None:
    """Call it with a client and at least `count` words of the command line; tell what fails."""
    words = sys.argv[1:]
    if len(words) < count:
        sys.exit(story)
    try:
        example(connect(), *words)
    except ApiException as error:
        sys.exit(f"{error.status} {error.reason}: {error.body}")
    except (JobFailed, LookupError) as error:
        sys.exit(str(error))


def wait(client: ApiClient, job: Any) -> None:
    """Until the job has ended and DCT shows what it did. Raises JobFailed."""
    deadline = time.monotonic() + TIMEOUT
    while True:
        now = JobsApi(client).get_job_by_id(job.id)
        if now.status not in RUNNING and not now.get("is_waiting_for_telemetry"):
            break
        if time.monotonic() > deadline:
            raise JobFailed(f"{job.id} has not ended within {TIMEOUT} seconds")
        time.sleep(POLL)
    if now.status != "COMPLETED":
        raise JobFailed(now.get("error_details") or f"{job.id} is {now.status}")


def named(search: Callable[..., Any], name: str, **more: str) -> Any:
    """The only one of this name, by a search of DCT; `more`: other fields. Raises LookupError."""
    parts = [f"{field} EQ '{value}'" for field, value in {"name": name, **more}.items()]
    found = search(search_body=SearchBody(filter_expression=" AND ".join(parts)))["items"]
    if len(found) != 1:
        raise LookupError(f"{len(found)} are named {name}")
    return found[0]


def dsource(client: ApiClient, name: str) -> Any:
    """The dSource of this name."""
    return named(DSourcesApi(client).search_dsources, name)


def group_id(client: ApiClient) -> str:
    """The group of what is made."""
    name = os.environ.get("DELPHIX_GROUP", "Untitled")
    return str(named(GroupsApi(client).search_dataset_groups, name).id)


def newest_snapshot(client: ApiClient, dsource_id: str) -> Any:
    """The newest snapshot of a dSource; None when there is none."""
    rows = DSourcesApi(client).get_dsource_snapshots(dsource_id).get("items") or []
    return max(rows, key=lambda row: row.creation_time, default=None)


def whole(value: Any) -> Any:
    """Parameters as the plugin has them: the package reads each number as one with a point."""
    if isinstance(value, dict):
        return {key: whole(part) for key, part in value.items()}
    if isinstance(value, list):
        return [whole(part) for part in value]
    return int(value) if isinstance(value, float) and value.is_integer() else value


def user_of(environment: Any) -> str:
    """The primary user of an environment."""
    return str(next(row.user_ref for row in environment.env_users if row.get("primary_user")))


def vault_secret(path: str) -> dict[str, str]:
    """Names a secret of the vault. The engine fetches it when it needs it."""
    return {
        "type": "HashiCorpVaultCredential",
        "vault": os.environ.get("DELPHIX_VAULT", "HASHICORP_VAULT-1"),
        "engine": "kv",
        "path": path,
        "usernameKey": "user",
        "secretKey": "password",
        "expectedSecretType": "password",
    }
