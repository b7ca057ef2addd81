"""The page before the lab's own server, with the sample plugin: what is clicked happens."""

from collections.abc import Iterator

import pytest

pytest.importorskip("playwright", reason="playwright is not installed")

from playwright.sync_api import Page, expect

from lab.lab import Lab
from tests.clients.support import Served, serving
from tests.lab import web_support as web
from tests.lab.engine_support import SECRET, link, mounted, provision, set_fault

pytestmark = pytest.mark.skipif(not web.CHROMIUM.exists(), reason="needs chromium")


@pytest.fixture(scope="module")
def served(shared_lab: Lab) -> Iterator[Served]:
    with serving(shared_lab) as server:
        yield server


@pytest.fixture
def page(served: Served, lab: Lab) -> Iterator[Page]:
    with web.open_page(served.url) as page:
        web.login(page, served.told["user"], served.told["password"])
        yield page


def _provision(page: Page, container: str, values: web.Values) -> None:
    web.show(page, "datasets")
    place = page.locator(f'[data-dataset="{container}"]')
    place.locator("[data-snapshot] [data-action=provision]").first.click()
    target = web.option(page, "engine", "repository", "on target")
    web.fill_form(page, "engine", {"name": "vdb", "repository": target})
    web.fill_form(page, "parameters", values)
    web.submit(page)


def test_wrong_password_is_refused(served: Served) -> None:
    with web.open_page(served.url) as page:
        web.try_login(page, served.told["user"], "wrong")
        expect(page.locator("[data-error]")).to_have_text("Invalid username or password.")


def test_from_link_to_vdb(page: Page, lab: Lab) -> None:
    page.locator('[data-environment="source"] [data-action=link]').first.click()
    web.fill_form(page, "engine", {"name": "ds", "stagingEnvironment": "staging"})
    account = {"type": "User name and password", "username": "reader", "password": SECRET}
    values = {f"credentials.{key}": value for key, value in account.items()}
    web.fill_form(page, "parameters", {"mountPath": "/mnt/ds"} | values)
    web.submit(page)
    expect(web.newest_job(page)).to_contain_text("DB_SYNC", timeout=60_000)
    web.wait_for_job(page)
    (dsource,) = lab.containers()
    assert dsource.parameters["pages"] == 7 and "fault" not in dsource.parameters
    assert dsource.parameters["credentials"]["username"] == "reader"
    web.show(page, "datasets")
    # The source's line and that of the sync: the first one is a resync.
    assert web.fact(page, "ds", "lines") == "2"
    assert SECRET not in page.content()

    _provision(page, "ds", {"mountPath": "/mnt/vdb", "title": "a copy"})
    web.wait_for_job(page)
    assert mounted(lab, "target") == ["/mnt/vdb"]
    web.show(page, "datasets")
    # The plugin is asked.
    expect(page.locator('[data-dataset="vdb"] [data-status]')).to_have_text("RUNNING")
    page.locator('[data-dataset="vdb"] [data-action=refresh]').click()
    web.submit(page)
    expect(web.wait_for_job(page)).to_contain_text("DB_REFRESH")


def test_snapshots_of_both_kinds(page: Page, lab: Lab) -> None:
    link(lab)
    provision(lab)
    before = {name: len(lab.snapshots(name)) for name in ("ds", "vdb")}
    page.reload()
    for name in before:
        web.show(page, "datasets")
        page.locator(f'[data-dataset="{name}"] [data-action=sync]').click()
        web.submit(page)
        expect(web.wait_for_job(page)).to_contain_text(name)
    assert {name: len(lab.snapshots(name)) for name in before} == {
        name: count + 1 for name, count in before.items()
    }


def test_physical_copy(page: Page, lab: Lab) -> None:
    link(lab)
    page.reload()
    web.show(page, "datasets")
    page.locator('[data-dataset="ds"] [data-action=v2p]').first.click()
    target = web.option(page, "engine", "repository", "on target")
    given = {"name": "copy", "repository": target, "targetDirectory": "/var/tmp/copy"}
    web.fill_form(page, "engine", given)
    web.submit(page)
    expect(web.wait_for_job(page)).to_contain_text("DB_EXPORT")


def test_what_fails_is_told_whole(page: Page, lab: Lab) -> None:
    link(lab)
    set_fault(lab, "ds", "linked.pre_snapshot=user_error")
    page.reload()
    web.show(page, "datasets")
    page.locator('[data-dataset="ds"] [data-action=sync]').click()
    web.submit(page)
    failed = web.wait_for_job(page, "FAILED")
    for part, text in (("message", "the message"), ("action", "the action"), ("output", "the out")):
        expect(failed.locator(f"[data-part={part}]")).to_contain_text(text)


def test_a_name_that_is_taken(page: Page, lab: Lab) -> None:
    link(lab)
    page.reload()
    page.locator('[data-environment="source"] [data-action=link]').first.click()
    web.fill_form(page, "engine", {"name": "ds", "stagingEnvironment": "staging"})
    web.fill_form(page, "parameters", {"mountPath": "/mnt/other"})
    web.submit(page)
    expect(page.locator("form [data-part=message]")).to_contain_text("ds")
    assert len(lab.containers()) == 1


def test_environment_and_source_config(page: Page, lab: Lab) -> None:
    source = page.locator('[data-environment="source"]')
    source.locator("[data-action=source-config]").first.click()
    web.fill_form(page, "parameters", {"name": "by hand", "path": "/opt/notebook/two"})
    web.submit(page)
    expect(source.locator('[data-source-config="by hand"]')).to_be_visible()
    source.locator("[data-action=refresh-environment]").click()
    expect(web.wait_for_job(page)).to_contain_text("ENVIRONMENT_REFRESH_AND_DISCOVER")
