"""The lab's page with this plugin: its forms in a real browser, and what is clicked happens."""

# ruff: noqa: E501  # lists of fields stand in one line

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page

from testbed.parameters import READER, REPLICATOR
from testbed.site import Site
from tests.clients.support import Served, serving
from tests.lab import web_support as web
from tests.workflows.support import same_as_source

NAME = "sales"


@pytest.fixture(scope="module")
def served(site: Site) -> Iterator[Served]:
    site.source.server.query("SET GLOBAL event_scheduler = OFF")
    with serving(site.lab) as server:
        yield server


@pytest.fixture
def page(served: Served) -> Iterator[Page]:
    with web.open_page(served.url) as page:
        web.login(page, served.told["user"], served.told["password"])
        yield page


def link_form(page: Page) -> None:
    page.locator('[data-environment="source"] [data-action=link]').first.click()


ALL = "mountPath stagingPort ingestionMode stagingBaseDir configSettings stagingServerId recordSizeInKB"
MODES: dict[str, tuple[web.Values, str, str]] = {
    "managed": (
        {},
        "backupOrigin logSync sourceHost sourceCredentials replicationCredentials tlsMode catchUpTimeout",
        "backupPath stagingCredentials tlsCaPath transferPort",
    ),
    "a backup, followed": (
        {"backupOrigin": "User Provided Backup"},
        "backupPath sourceHost sourceCredentials catchUpTimeout",
        "stagingCredentials",
    ),
    "a backup, not followed": (
        {"backupOrigin": "User Provided Backup", "logSync": False},
        "backupPath targetDatabase partialBackup",
        "sourceHost sourcePort sourceCredentials replicationCredentials tlsMode databases catchUpTimeout",
    ),
    "manual": (
        {"ingestionMode": "Manual Ingestion"},
        "stagingCredentials",
        "backupOrigin logSync sourceHost sourceCredentials databases catchUpTimeout",
    ),
}


@pytest.mark.parametrize("mode", MODES)
def test_only_the_fields_of_the_mode_are_there(page: Page, mode: str) -> None:
    values, shown, hidden = MODES[mode]
    link_form(page)
    web.fill_form(page, "parameters", values)
    there = set(web.fields(page, "parameters"))
    assert set(f"{ALL} {shown}".split()) <= there
    assert not there & set(hidden.split())


def test_wrong_input_shows_the_message(page: Page, site: Site) -> None:
    link_form(page)
    web.fill_form(page, "engine", {"name": NAME, "stagingEnvironment": "staging"})
    web.fill_form(page, "parameters", {"mountPath": "bad path", "stagingPort": 80})
    assert "Use an absolute path of letters" in web.message(page, "parameters", "mountPath")
    web.submit_wrong(page)
    assert site.lab.containers() == []


def test_link_provision_refresh_and_facts(
    page: Page, served: Served, site: Site, tmp_path: Path
) -> None:
    link_form(page)
    web.fill_form(page, "engine", {"name": NAME, "stagingEnvironment": "staging"})
    values: dict[str, str | int | bool] = {"mountPath": "/mnt/delphix/sales", "stagingPort": 3310}
    for field, account in (("sourceCredentials", READER), ("replicationCredentials", REPLICATOR)):
        values[f"{field}.type"] = "User name and password"
        values |= {f"{field}.username": account.user, f"{field}.password": account.password}
    web.fill_form(page, "parameters", values)
    web.submit(page)
    web.wait_for_job(page)
    web.show(page, "datasets")
    assert web.fact(page, NAME, "consistency") == "Consistent"
    assert web.fact(page, NAME, "gtidPosition") == site.latest(NAME).metadata["gtidPosition"]
    assert READER.password not in page.content()
    place = page.locator(f'[data-dataset="{NAME}"]')
    place.locator("[data-snapshot] [data-action=provision]").first.click()
    target = web.option(page, "engine", "repository", "on target")
    web.fill_form(page, "engine", {"name": "dev", "repository": target})
    web.fill_form(page, "parameters", {"mountPath": "/mnt/delphix/dev", "port": 3320})
    web.submit(page)
    web.wait_for_job(page)
    same_as_source(site, "dev")
    site.sql("dev").query("CREATE TABLE shop.scratch (n INT)")
    web.show(page, "datasets")
    page.locator('[data-dataset="dev"] [data-action=refresh]').click()
    web.submit(page)
    web.wait_for_job(page)
    same_as_source(site, "dev")
    command = [sys.executable, "-m", "lab.web.pictures", served.url, served.told["user"]]
    known = {**os.environ, "LAB_PASSWORD": served.told["password"]}
    subprocess.run([*command, str(tmp_path)], check=True, cwd=web.ROOT, env=known)
    sizes = {file.name: file.stat().st_size for file in tmp_path.iterdir()}
    assert set(sizes) >= {"link-1.png", "link-2.png", "provision.png", "snapshot-facts.png"}
    assert min(sizes.values()) > 5000
