"""Pictures of every page of a running server.

Usage: python docs/screenshots.py URL FOLDER USER PASSWORD

Each page is taken wide and narrow, light and dark, in English and Chinese. Ends with an error if
a page scrolled sideways or its console reported anything.
"""

from __future__ import annotations

import itertools
import sys
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = "/usr/bin/chromium"
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"]
QUIET += ["--disable-background-networking", "--disable-component-update", "--disable-sync"]
SIZES = {1440: 900, 390: 844}
PAGES = {
    name: f"/{name}/"
    for name in (
        *("overview", "persons", "garments", "launch", "imports", "batches", "review", "sheet"),
        *("gallery", "galleries", "comparisons", "statistics", "decisions", "notifications"),
        *("admin", "g"),
    )
}
# The first that a list links to.
FIRST = {
    "result": ("/gallery/", ".card a"),
    "batch": ("/batches/", ".batches a"),
    "garment": ("/garments/", ".card a"),
    "person": ("/persons/", ".card a"),
    "gallery-edit": ("/galleries/", ".card a"),
}


def sign_in(page: Page, url: str, user: str, password: str) -> None:
    page.goto(f"{url}/login/")
    page.fill("[name=username]", user)
    page.fill("[name=password]", password)
    page.click(".login-form button")
    page.wait_for_url("**/overview/")


def addresses(page: Page, url: str) -> dict[str, str]:
    """The pages to take, by the names of their pictures."""
    found = dict(PAGES)
    for name, (listing, links) in FIRST.items():
        page.goto(url + listing)
        link = page.locator(links).first
        if link.count():
            found[name] = link.get_attribute("href") or listing
    return found


def take(browser: Browser, url: str, folder: Path, user: str, password: str) -> Iterator[str]:
    """Save every picture; yields what is wrong with a page."""
    host = url.split("//")[1].split(":")[0]
    for width, theme, language in itertools.product(SIZES, ("light", "dark"), ("en", "zh-hans")):
        size = {"width": width, "height": SIZES[width]}
        context = browser.new_context(viewport=size, reduced_motion="reduce")
        cookies = {"theme": theme, "django_language": language}
        context.add_cookies(
            [{"name": n, "value": v, "domain": host, "path": "/"} for n, v in cookies.items()]
        )
        page = context.new_page()
        messages: list[str] = []
        page.on("console", lambda message, messages=messages: messages.append(message.text))
        page.goto(f"{url}/login/")
        page.screenshot(path=folder / f"login-{width}-{theme}-{language}.png")
        sign_in(page, url, user, password)
        for name, path in addresses(page, url).items():
            page.goto(url + path, wait_until="networkidle")
            label = f"{name}-{width}-{theme}-{language}"
            page.screenshot(path=folder / f"{label}.png")
            if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
                yield f"{label}: scrolls sideways"
        yield from (f"{width}-{theme}-{language}: {line}" for line in messages)
        context.close()


def main(url: str, folder: str, user: str, password: str) -> int:
    target = Path(folder)
    target.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        faults = list(take(browser, url.rstrip("/"), target, user, password))
    print("\n".join(faults) or f"{len(list(target.glob('*.png')))} pictures in {target}")
    return bool(faults)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
