"""A person at the lab's page: a headless Chromium, and any server that has the page."""

import json
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = Path("/usr/bin/chromium")
WIDE = (1366, 900)
NARROW = (390, 844)
Values = Mapping[str, str | int | bool]


@contextmanager
def mock_server(artifact: Path) -> Iterator[str]:
    """The engine that only pretends; its address."""
    command = ["node", str(ROOT / "lab/web/source/mock.mjs"), str(artifact)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
    finally:
        process.terminate()
        process.wait(timeout=10)


@contextmanager
def open_page(url: str, size: tuple[int, int] = WIDE) -> Iterator[Page]:
    """The page in a browser of its own; an error of the page's own code fails the test."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": size[0], "height": size[1]})
        page.set_default_timeout(15_000)
        problems: list[str] = []
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(url)
        try:
            yield page
        finally:
            browser.close()
        assert not problems, problems


def login(page: Page, user: str, password: str) -> None:
    """Log in and wait for what only a session shows."""
    try_login(page, user, password)
    expect(page.locator("nav")).to_be_visible()


def try_login(page: Page, user: str, password: str) -> None:
    """Send the login form."""
    page.locator("[data-field=user] input").fill(user)
    page.locator("[data-field=password] input").fill(password)
    page.locator("[data-action=login]").click()


def show(page: Page, view: str) -> None:
    """Go to environments, datasets or jobs."""
    page.locator(f"[data-view={view}]").click()
    expect(page.locator(f"[data-view={view}].here")).to_be_visible()


def form(page: Page, part: str) -> Locator:
    """One part of the form that is open: engine, parameters or sync."""
    return page.locator(f"[data-form={part}]")


def field(page: Page, part: str, path: str) -> Locator:
    """One field by its path, such as settings.0.name."""
    return form(page, part).locator(f'[data-field="{path}"]')


def fields(page: Page, part: str) -> list[str]:
    """The first level of what a part shows, in its order."""
    found = form(page, part).locator("[data-field]").all()
    names = [item.get_attribute("data-field") or "" for item in found if item.is_visible()]
    return [name for name in names if "." not in name]


def fill_form(page: Page, part: str, values: Values) -> None:
    """Fill fields by their paths; a list is lengthened until it has the entry of a path."""
    for path, value in values.items():
        _lengthen(page, part, path)
        control = field(page, part, path).locator("input, select, textarea").first
        if isinstance(value, bool):
            control.set_checked(value)
        elif control.evaluate("control => control.tagName") == "SELECT":
            control.select_option(label=str(value))
        else:
            control.fill(str(value))
            control.blur()


def option(page: Page, part: str, path: str, ending: str) -> str:
    """The option of a list that ends with these words."""
    found = field(page, part, path).locator("option")
    expect(found.first).to_be_attached()
    (only,) = [text for text in found.all_inner_texts() if text.endswith(ending)]
    return only


def _lengthen(page: Page, part: str, path: str) -> None:
    keys = path.split(".")
    for place, key in enumerate(keys):
        entry = field(page, part, ".".join(keys[: place + 1]))
        if key.isdigit() and not entry.count():
            holder = field(page, part, ".".join(keys[:place]))
            holder.locator("> fieldset > [data-action=add], > [data-action=add]").click()
            expect(entry).to_be_visible()


def message(page: Page, part: str, path: str) -> str:
    """What a field says of its input; nothing when it is right."""
    told = field(page, part, path).locator("[data-message]")
    return told.inner_text().strip() if told.count() else ""


def submit(page: Page) -> dict[str, Any]:
    """Send the open form, wait for the answer; the body that the engine was sent."""
    with page.expect_request(lambda request: request.method == "POST") as sent:
        page.locator("[data-action=submit]").click()
    # The page leaves the form when it knows of the job.
    refused = page.locator("form [data-error]")
    expect(refused.or_(page.locator("main:not(:has(form))"))).to_be_visible(timeout=30_000)
    return json.loads(sent.value.post_data or "{}")


def submit_wrong(page: Page) -> str:
    """Send a form that is not right; what the page says."""
    page.locator("[data-action=submit]").click()
    return page.locator("form [data-error] [data-part=message]").inner_text()


def newest_job(page: Page) -> Locator:
    """The first row of the jobs."""
    return page.locator("[data-job]").first


def wait_for_job(page: Page, state: str = "COMPLETED", seconds: float = 120) -> Locator:
    """Wait at the jobs until the newest has ended, in this state."""
    show(page, "jobs")
    ended = newest_job(page).and_(page.locator("[data-job]:not([data-state=RUNNING])"))
    expect(ended).to_be_visible(timeout=seconds * 1000)
    expect(ended).to_have_attribute("data-state", state)
    return ended


def fact(page: Page, dataset: str, key: str, snapshot: int = 0) -> str:
    """A fact of a snapshot of a dataset, 0 the newest, as the page shows it."""
    place = page.locator(f'[data-dataset="{dataset}"] [data-snapshot]').nth(snapshot)
    if place.get_attribute("open") is None:
        place.locator("summary").first.click()
    return place.locator(f'[data-fact="{key}"] dd').first.inner_text().strip()


def too_wide(page: Page) -> bool:
    """Whether the page has to be moved sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth > innerWidth"))
