"""Takes the README's pictures: ``make pictures``."""

from __future__ import annotations

import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

from docs.pictures import demo_pages, editor_page

HERE = Path(__file__).parent


def main() -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        editor_page.take(browser, HERE / "editor.png")
        demo_pages.take(
            browser,
            {
                "/": HERE / "overview.png",
                "/policies/checkout-monthly": HERE / "budget.png",
                "/policies/growth-by-product?group=product%3Dassistant": HERE / "growth.png",
            },
        )
        browser.close()


if __name__ == "__main__":
    main()
