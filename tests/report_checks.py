"""What every report of the project is held to in a browser: it can be read, and each part names its models."""

from __future__ import annotations

import re
from pathlib import Path

from conftest import Warehouse
from selenium.webdriver.chrome.webdriver import WebDriver
from selenium.webdriver.common.by import By
from selenium.webdriver.remote.webelement import WebElement

WIDTHS = {"desktop": 1280, "phone": 390}


def page_of(output: str) -> str:
    """The page that dbt printed."""
    return output[output.index("<!doctype html>") : output.index("</html>") + len("</html>")]


def opened(browser: WebDriver, file: Path, width: int = 1280, scheme: str = "light") -> WebDriver:
    """The page in the browser, of this width, in light or dark."""
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False})
    browser.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": scheme}]})
    browser.get(file.as_uri())
    log: list[dict[str, str]] = browser.get_log("browser")  # type: ignore[no-untyped-call]
    assert [entry for entry in log if entry["level"] == "SEVERE"] == []
    return browser


def cells(section: WebElement) -> list[list[str]]:
    """Texts of a section's table."""
    return [[cell.text for cell in row.find_elements(By.TAG_NAME, "td")] for row in section.find_elements(By.CSS_SELECTOR, "tbody tr")]


def luminance(colour: str) -> float:
    """Relative luminance of a colour as browsers compute it (WCAG 2.2)."""
    parts = [int(part) / 255 for part in re.findall(r"\d+", colour)[:3]]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def needs_nothing_beside_it(browser: WebDriver, page: Path) -> None:
    """The page loads nothing."""
    text = page.read_text()
    assert set(re.findall(r"https?://[^'\"\s]+", text)) == {"http://www.w3.org/2000/svg"}
    assert not re.search(r"<(link|img|script src|iframe)", text)
    opened(browser, page)
    assert browser.execute_script("return performance.getEntriesByType('resource').length") == 0


def can_be_read(browser: WebDriver, page: Path, device: str, scheme: str) -> None:
    """Nothing sticks out of the window, every text is in it, and its contrast is at least 4.5 to 1 (WCAG 2.2, AA)."""
    opened(browser, page, WIDTHS[device], scheme)
    assert browser.execute_script("return document.documentElement.scrollWidth") <= WIDTHS[device]
    colours = browser.execute_script(
        """
        const ground = element => { for (let e = element; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor; if (!c.endsWith(', 0)')) return c; } return 'rgb(255, 255, 255)'; };
        const found = new Set();
        for (const element of document.querySelectorAll('h1, h2, h3, p, code, td, th, dt, dd, button, .card div, td span, figcaption, .key span'))
            found.add(getComputedStyle(element).color + ' on ' + ground(element));
        return [...found];
        """  # noqa: E501
    )
    assert len(colours) > 5
    for colour in colours:
        dark, light = sorted(luminance(part) for part in colour.split(" on "))
        assert (light + 0.05) / (dark + 0.05) >= 4.5, colour
    body = browser.execute_script("return getComputedStyle(document.body).backgroundColor")
    assert (luminance(body) > 0.5) == (scheme == "light")


def names_its_models(browser: WebDriver, page: Path, reported: Warehouse) -> None:
    """Each part says which models it is from."""
    opened(browser, page)
    models = {node["name"] for node in reported.manifest()["nodes"].values() if node["resource_type"] == "model"}
    for section in browser.find_elements(By.TAG_NAME, "section"):
        named = {code.text for code in section.find_elements(By.CSS_SELECTOR, ".source code")}
        assert named, section.get_attribute("id")
        assert named <= models
