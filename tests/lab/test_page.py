"""The page with the built plugin's schema, before a mock: which fields, which body, which words.

What needs a server that works is in test_page_real.py.
"""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("playwright", reason="playwright is not installed")

from playwright.sync_api import Page, expect

from tests.lab import web_support as web

ARTIFACT = web.ROOT / "build/artifact.json"
LINK = {"mountPath": "/mnt/sales", "stagingPort": 3310}
ACCOUNT = {
    "sourceCredentials.type": "User name and password",
    "sourceCredentials.username": "reader",
    "sourceCredentials.password": "secret",
}

pytestmark = pytest.mark.skipif(
    not (web.CHROMIUM.exists() and ARTIFACT.exists() and shutil.which("node")),
    reason="needs chromium, node for the mock, and a built artifact",
)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with web.mock_server(ARTIFACT) as address:
        yield address


@pytest.fixture
def page(url: str) -> Iterator[Page]:
    with web.open_page(url) as page:
        web.login(page, "admin", "delphix")
        yield page


@pytest.fixture(scope="module")
def schema() -> dict[str, Any]:
    return json.loads(ARTIFACT.read_text())


def _open_link(page: Page, name: str) -> None:
    page.locator('[data-source-config="sales"] [data-action=link]').click()
    web.fill_form(page, "engine", {"name": name, "stagingEnvironment": "target"})


def test_login(url: str) -> None:
    with web.open_page(url) as page:
        web.try_login(page, "admin", "wrong")
        expect(page.locator("[data-error]")).to_contain_text("Invalid username or password.")
        web.login(page, "admin", "delphix")
        page.reload()
        expect(page.locator("nav")).to_be_visible()
        page.locator("[data-action=logout]").click()
        expect(page.locator("[data-action=login]")).to_be_visible()


def test_environment_is_refreshed(page: Page) -> None:
    expect(page.locator("[data-environment]")).to_have_count(2)
    page.locator('[data-environment="target"] [data-action=refresh-environment]').click()
    job = web.wait_for_job(page)
    expect(job).to_contain_text("ENVIRONMENT_REFRESH_AND_DISCOVER")


def test_link_form_shows_the_fields_of_the_mode(page: Page, schema: dict[str, Any]) -> None:
    _open_link(page, "ds")
    order = schema["linkedSourceDefinition"]["parameters"]["ordering"]
    seen = web.fields(page, "parameters")
    assert seen == [name for name in order if name in seen]
    assert "sourceCredentials" in seen and "stagingCredentials" not in seen
    assert "backupPath" not in seen
    web.fill_form(page, "parameters", {"backupOrigin": "User Provided Backup"})
    expect(web.field(page, "parameters", "backupPath")).to_be_visible()
    web.fill_form(page, "parameters", {"ingestionMode": "Manual Ingestion"})
    seen = web.fields(page, "parameters")
    assert "stagingCredentials" in seen
    assert not {"sourceCredentials", "backupOrigin", "backupPath", "logSync"} & set(seen)


def test_wrong_input_is_told_in_the_schema_s_words(page: Page) -> None:
    _open_link(page, "ds")
    web.fill_form(page, "parameters", {"mountPath": "bad path"})
    assert "absolute path of letters" in web.message(page, "parameters", "mountPath")
    web.fill_form(page, "parameters", {"stagingPort": 80})
    assert web.message(page, "parameters", "stagingPort") == "At least 1024."
    assert web.submit_wrong(page).startswith("Some fields are not right")
    web.fill_form(page, "parameters", {"mountPath": "/mnt/good"})
    assert web.message(page, "parameters", "mountPath") == ""


def test_link_sends_what_the_api_wants(page: Page) -> None:
    _open_link(page, "ds_link")
    more = {"databases.0": "shop", "configSettings.0.propertyName": "max_connections"}
    web.fill_form(page, "parameters", LINK | ACCOUNT | more)
    body = web.submit(page)
    data = body.pop("linkData")
    assert body == {
        "type": "LinkParameters", "name": "ds_link", "group": "GROUP-1", "description": "",
    }  # fmt: skip
    parameters = data.pop("parameters")
    assert data == {
        "type": "AppDataStagedLinkData",
        "config": "APPDATA_STAGED_SOURCE_CONFIG-1",
        "environmentUser": "HOST_USER-1",
        "stagingEnvironment": "UNIX_HOST_ENVIRONMENT-2",
        "stagingEnvironmentUser": "HOST_USER-2",
        "syncParameters": {
            "type": "AppDataSyncParameters", "parameters": {"resync": True, "verify": False},
        },
        "operations": {"type": "LinkedSourceOperations", "preSync": [], "postSync": []},
        "sourcingPolicy": {"type": "SourcingPolicy", "logsyncEnabled": False},
    }  # fmt: skip
    assert parameters["mountPath"] == "/mnt/sales" and parameters["stagingPort"] == 3310
    assert parameters["sourceCredentials"] == {
        "type": "NamedPasswordCredential", "username": "reader", "password": "secret",
    }  # fmt: skip
    assert parameters["databases"] == ["shop"]
    assert parameters["configSettings"] == [
        {"propertyName": "max_connections", "commentProperty": False}
    ]
    left_out = {"backupPath", "sourceHost", "replicationCredentials", "stagingCredentials"}
    assert not left_out & set(parameters)
    web.wait_for_job(page)
    web.show(page, "datasets")
    expect(page.locator('[data-dataset="ds_link"] [data-status]')).to_have_text("RUNNING")


def test_hidden_fields_are_not_sent(page: Page) -> None:
    _open_link(page, "ds_manual")
    vault = {
        "stagingCredentials.type": "HashiCorp vault",
        "stagingCredentials.vault": "VAULT-1",
        "stagingCredentials.engine": "kv",
        "stagingCredentials.path": "db/staging",
        "stagingCredentials.usernameKey": "user",
        "stagingCredentials.secretKey": "password",
    }
    mode = {"ingestionMode": "Manual Ingestion"}
    web.fill_form(page, "parameters", LINK | ACCOUNT | mode | vault)
    parameters = web.submit(page)["linkData"]["parameters"]
    assert parameters == {
        "mountPath": "/mnt/sales",
        "stagingPort": 3310,
        "ingestionMode": "Manual Ingestion",
        "recordSizeInKB": 16,
        "stagingCredentials": {
            "type": "HashiCorpVaultCredential", "vault": "VAULT-1", "engine": "kv",
            "path": "db/staging", "usernameKey": "user", "secretKey": "password",
        },
    }  # fmt: skip


def test_credentials_have_to_be_whole(page: Page) -> None:
    _open_link(page, "ds")
    web.fill_form(page, "parameters", LINK | {"sourceCredentials.type": "Azure vault"})
    web.submit_wrong(page)
    assert web.message(page, "parameters", "sourceCredentials.azureVaultName") == "This is needed."
    web.fill_form(page, "parameters", {"sourceCredentials.type": "None"})
    parameters = web.submit(page)["linkData"]["parameters"]
    assert "sourceCredentials" not in parameters


def test_sync_sends_the_snapshot_parameters(page: Page) -> None:
    web.show(page, "datasets")
    page.locator('[data-dataset="sales"] [data-action=sync]').click()
    web.fill_form(page, "sync", {"resync": True})
    assert web.submit(page) == {
        "type": "AppDataSyncParameters", "parameters": {"resync": True, "verify": False},
    }  # fmt: skip
    web.wait_for_job(page)


def test_provision_sends_what_the_api_wants(page: Page) -> None:
    web.show(page, "datasets")
    newest = page.locator('[data-dataset="sales"] [data-snapshot]').first
    snapshot = newest.get_attribute("data-snapshot")
    newest.locator("[data-action=provision]").click()
    web.fill_form(page, "engine", {"name": "vdb", "repository": "Installation 2 on target"})
    web.fill_form(page, "parameters", {"mountPath": "/mnt/vdb", "port": 3320, "binaryLog": True})
    body = web.submit(page)
    assert body["type"] == "AppDataProvisionParameters"
    assert body["container"]["type"] == "AppDataContainer" and body["container"]["name"] == "vdb"
    assert body["source"]["type"] == "AppDataVirtualSource"
    parameters = body["source"]["parameters"]
    assert (parameters["mountPath"], parameters["port"]) == ("/mnt/vdb", 3320)
    assert parameters["binaryLog"] is True and "vdbCredentials" not in parameters
    assert body["sourceConfig"] == {
        "type": "AppDataDirectSourceConfig", "name": "vdb", "repository": "APPDATA_REPOSITORY-2",
        "path": "", "linkingEnabled": True, "environmentUser": "HOST_USER-2", "parameters": {},
    }  # fmt: skip
    assert body["timeflowPointParameters"] == {
        "type": "TimeflowPointSnapshot", "snapshot": snapshot,
    }  # fmt: skip
    web.wait_for_job(page)


def test_refresh_takes_the_latest_snapshot(page: Page) -> None:
    web.show(page, "datasets")
    page.locator('[data-dataset="sales_dev"] [data-action=refresh]').click()
    body = web.submit(page)
    assert body["type"] == "RefreshParameters"
    assert body["timeflowPointParameters"]["location"] == "LATEST_SNAPSHOT"


def test_source_config_by_hand(page: Page) -> None:
    page.locator("[data-action=source-config]").first.click()
    web.fill_form(page, "parameters", {"name": "cloud", "port": 3306})
    body = web.submit(page)
    assert (body["type"], body["name"]) == ("AppDataStagedSourceConfig", "cloud")
    assert body["parameters"] == {"name": "cloud", "port": 3306}
    expect(page.locator('[data-source-config="cloud"]')).to_be_visible()


def test_snapshot_facts_have_the_titles_of_the_schema(page: Page, schema: dict[str, Any]) -> None:
    web.show(page, "datasets")
    place = page.locator('[data-dataset="sales"] [data-snapshot]').first
    for key, known in schema["snapshotSchema"]["properties"].items():
        expect(place.locator(f'[data-fact="{key}"] dt').first).to_contain_text(known["prettyName"])
        expect(place.locator(f'[data-fact="{key}"] dt').first).to_contain_text(known["description"])
    assert web.fact(page, "sales", "serverVersion") == "serverVersion sample"
    assert web.fact(page, "sales", "verified.tables") == "4711"
    assert web.fact(page, "sales", "databases", 1).split("\n")[1] == "databases 2 sample"


def test_secrets_are_not_shown(page: Page) -> None:
    web.show(page, "datasets")
    page.locator('[data-dataset="sales"] [data-parameters] summary').click()
    expect(page.locator('[data-dataset="sales"] [data-fact="sourceCredentials"]')).to_be_visible()
    assert "secret-text" not in page.content()


def test_a_failed_job_tells_its_three_parts(page: Page) -> None:
    web.show(page, "jobs")
    failed = page.locator("[data-job][data-state=FAILED]").first
    expect(failed.locator("[data-part=message]")).to_have_text("The host has no room.")
    expect(failed.locator("[data-part=action]")).to_contain_text("Make room, then try again.")
    expect(failed.locator("[data-part=output]")).to_contain_text("No space left on device")


def test_a_refused_request_keeps_what_was_typed(page: Page) -> None:
    _open_link(page, "refuse_me")
    web.fill_form(page, "parameters", LINK)
    web.submit(page)
    expect(page.locator("form [data-part=message]")).to_have_text("name: This name is refused.")
    expect(page.locator("form [data-part=action]")).to_contain_text("Use another name.")
    assert web.field(page, "parameters", "mountPath").locator("input").input_value() == "/mnt/sales"


@pytest.mark.parametrize("size", [web.WIDE, web.NARROW], ids=["wide", "narrow"])
def test_nothing_is_wider_than_the_screen(url: str, size: tuple[int, int]) -> None:
    with web.open_page(url, size) as page:
        web.login(page, "admin", "delphix")
        for view in ("environments", "datasets", "jobs"):
            web.show(page, view)
            assert not web.too_wide(page), view
        page.goto(f"{url}/#/link")
        expect(web.form(page, "parameters")).to_be_visible()
        assert not web.too_wide(page), "link"


def test_schema_of_v2p_gives_a_form(tmp_path: Path, schema: dict[str, Any]) -> None:
    properties = {"port": {"type": "integer", "prettyName": "Port"}}
    schema = schema | {"virtualToPhysicalDefinition": {"parameters": {"properties": properties}}}
    artifact = tmp_path / "artifact.json"
    artifact.write_text(json.dumps(schema))
    with web.mock_server(artifact) as url, web.open_page(url) as page:
        web.login(page, "admin", "delphix")
        web.show(page, "datasets")
        page.locator("[data-action=v2p]").first.click()
        given = {"name": "copy", "repository": "Installation 2 on target", "targetDirectory": "/x"}
        web.fill_form(page, "engine", given)
        web.fill_form(page, "parameters", {"port": 3333})
        body = web.submit(page)
        assert body["type"] == "AppDataExportParameters" and body["parameters"] == {"port": 3333}
        assert body["filesystemLayout"]["targetDirectory"] == "/x"
