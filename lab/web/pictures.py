"""Pictures of the page: python -m lab.web.pictures URL USER PASSWORD FOLDER.

They show the form to link in each of its modes, the form to provision, the facts of a snapshot, and
the jobs. Needs chromium and the Python package playwright, which nothing else of the lab does.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import Page

CHROMIUM = "/usr/bin/chromium"
WIDE, NARROW = (1366, 900), (390, 844)
TALLEST = 2200
STATES = 10_000  # milliseconds in which plugins tell the states of their datasets


def take(url: str, user: str, password: str, folder: Path) -> list[Path]:
    """All pictures, in `folder`."""
    from playwright.sync_api import sync_playwright

    folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": WIDE[0], "height": WIDE[1]})
        page.goto(url)
        page.locator("[data-field=user] input").fill(user)
        page.locator("[data-field=password] input").fill(password)
        page.locator("[data-action=login]").click()
        page.locator("nav").wait_for()
        files = [_picture(page, folder / "environments.png")]
        files += _link(page, folder) + _datasets(page, folder)
        page.locator("[data-view=jobs]").click()
        files.append(_picture(page, folder / "jobs.png", WIDE[1]))
        browser.close()
    return files


def _picture(page: Page, file: Path, tallest: int = TALLEST) -> Path:
    """The whole page, but no more than a reader scrolls through."""
    height = min(int(page.evaluate("document.documentElement.scrollHeight")), tallest)
    width = int(page.evaluate("innerWidth"))
    clip: Any = {"x": 0, "y": 0, "width": width, "height": height}
    page.screenshot(path=file, full_page=True, clip=clip)
    if shutil.which("pngquant"):  # a third of the size
        subprocess.run(["pngquant", "--force", "--ext", ".png", "64", str(file)], check=True)
    return file


def _link(page: Page, folder: Path) -> list[Path]:
    """The form as it opens, and with each other value of its first list of the plugin's."""
    page.locator("[data-environment] [data-action=link]").first.click()
    choice = page.locator("[data-form=parameters] > formly-form select").first
    choice.wait_for()
    options: list[str] = choice.evaluate("item => [...item.options].map(option => option.text)")
    files = []
    for number, option in enumerate(options, 1):
        choice.select_option(label=option)
        files.append(_picture(page, folder / f"link-{number}.png"))
    page.set_viewport_size({"width": NARROW[0], "height": NARROW[1]})
    files.append(_picture(page, folder / f"link-{len(options)}-narrow.png"))
    page.set_viewport_size({"width": WIDE[0], "height": WIDE[1]})
    return files


def _datasets(page: Page, folder: Path) -> list[Path]:
    page.locator("[data-view=datasets]").click()
    page.locator("[data-dataset]").first.wait_for()
    known = "![...document.querySelectorAll('[data-status]')].some(e => e.innerText == 'UNKNOWN')"
    page.wait_for_function(known, timeout=STATES)
    files = [_picture(page, folder / "snapshot-facts.png")]
    page.locator("[data-snapshot][open] [data-action=provision]").first.click()
    page.locator("[data-form=parameters]").wait_for()
    return [*files, _picture(page, folder / "provision.png")]


if __name__ == "__main__":
    for path in take(sys.argv[1], sys.argv[2], sys.argv[3], Path(sys.argv[4])):
        print(path)
