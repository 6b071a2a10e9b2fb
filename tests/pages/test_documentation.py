"""The documentation as a browser shows it."""

from __future__ import annotations

import pytest
from browser import Page

from tests.pages.axe import barriers
from tests.pages.site import Site

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("width", [1440, 320])
@pytest.mark.parametrize("name", ["import", "settings", "architecture", "tutorials/brands"])
def test_a_page_of_the_documentation_has_no_barrier_and_is_not_too_wide(
    site: Site, browser: Page, name: str, width: int
) -> None:
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.call("Emulation.setDeviceMetricsOverride", **size)
    try:
        browser.open(f"{site.url}/docs/{name}")
        browser.wait_for(
            "document.readyState === 'complete' && document.querySelector('.docs')?.id === ''"
        )
        assert barriers(browser) == []
        assert browser.evaluate("document.documentElement.scrollWidth") <= width
    finally:
        browser.call("Emulation.clearDeviceMetricsOverride")
