"""JupyterLab's own page, in a browser: what a person does with the kernel."""

import json
import os
import pathlib
import re
import socket
import subprocess
import sys
import time
import urllib.request

import pytest
from playwright.sync_api import sync_playwright

ROOT = pathlib.Path(__file__).parents[2]
PICTURES = ROOT / "build" / "e2e-pictures"
PATIENCE = 60_000  # milliseconds

SLIDER = """slider := display.Slider("degree", 0, 10, 3)
var live display.Live
display.Redraw(func() {
	display.Line(nil, []float64{0, slider.Value(), 100}, display.In(&live), display.Title(fmt.Sprint("degree ", slider.Value())))
}, slider)
button := display.Button("press")
button.OnClick(func() { fmt.Println("pressed at", slider.Value()) })
display.Column(slider, button)"""


def notebook(*cells):
    return {
        "cells": [
            {"cell_type": "code", "id": f"c{i}", "execution_count": None, "metadata": {}, "outputs": [], "source": source}
            for i, source in enumerate(cells)
        ],
        "metadata": {"kernelspec": {"name": "fluxion", "display_name": "Go (fluxion)", "language": "go"}},
        "nbformat": 4,
        "nbformat_minor": 5,
    }


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A JupyterLab that knows this tree's kernel; its folder and address."""
    home = tmp_path_factory.mktemp("lab")
    subprocess.run([ROOT / "build" / "fluxion", "install", "--prefix", home / "prefix"], check=True)
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    work = home / "work"
    work.mkdir()
    setting((work, None), "apputils-extension/notification", fetchNews="false")
    env = dict(os.environ, HOME=str(home), JUPYTER_PATH=str(home / "prefix/share/jupyter"), JUPYTER_CONFIG_DIR=str(home / "config"))
    server = subprocess.Popen(
        [
            pathlib.Path(sys.executable).parent / "jupyter-lab", "--allow-root", "--no-browser", "--ip=127.0.0.1", f"--port={port}",
            "--IdentityProvider.token=", "--ServerApp.password=", f"--ServerApp.root_dir={work}",
            "--LabApp.news_url=None",
        ],
        env=env, stdout=open(home / "log", "w"), stderr=subprocess.STDOUT,
    )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(120):
            try:
                urllib.request.urlopen(address + "/api/status", timeout=2)
                break
            except OSError:
                time.sleep(0.5)
        yield work, address
    finally:
        server.terminate()
        server.wait()


@pytest.fixture
def open_notebook(lab):
    work, address = lab
    with sync_playwright() as p:
        browser = p.chromium.launch(executable_path=os.environ["CHROMIUM"], args=["--no-sandbox"])

        def opened(name, *cells, book=None, trusted=False, height=1100):
            book = book or notebook(*cells)
            path = work / f"{name}.ipynb"
            path.write_text(json.dumps(book))
            if trusted:  # as one's own notebooks are; of others, the page shows no SVG and no HTML
                subprocess.run([pathlib.Path(sys.executable).parent / "jupyter-trust", path], check=True, env=dict(os.environ, HOME=str(work.parent)))
            page = browser.new_page(viewport={"width": 1200, "height": height})
            page.set_default_timeout(PATIENCE)
            page.goto(f"{address}/lab/tree/{name}.ipynb?reset")
            page.wait_for_selector(".jp-Notebook .jp-CodeCell")
            if book["metadata"]["kernelspec"]["name"] == "fluxion":
                page.wait_for_selector("text=/Go \\(fluxion\\) \\| Idle/")
            return page

        yield opened
        browser.close()


def setting(lab, plugin, **values):
    """Changes a setting of JupyterLab, for pages that are opened from now on."""
    work, _ = lab
    path = work.parent / "config/lab/user-settings/@jupyterlab" / f"{plugin}.jupyterlab-settings"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(values))


def run(page, i):
    """Runs the i-th cell, and goes to the next."""
    page.locator(".jp-CodeCell").nth(i).locator(".cm-content").click()
    page.keyboard.press("Shift+Enter")


def output(page, i):
    return page.locator(".jp-CodeCell").nth(i).locator(".jp-OutputArea")


def test_slider_redraws_a_plot(open_notebook):
    page = open_notebook("slider", SLIDER)
    run(page, 0)
    page.wait_for_selector(".noUi-handle")
    figure = output(page, 0).locator("img")  # the page shows SVG as a picture
    figure.wait_for()
    before = figure.get_attribute("src")
    box = page.locator(".noUi-handle").bounding_box()
    page.mouse.move(box["x"] + 5, box["y"] + 5)
    page.mouse.down()
    page.mouse.move(box["x"] + 300, box["y"] + 5, steps=5)
    page.mouse.up()
    page.wait_for_function("before => document.querySelector('.jp-OutputArea img').src != before", arg=before)
    page.locator("button.jupyter-button").click()
    output(page, 0).get_by_text("pressed at 10").wait_for()
    page.screenshot(path=PICTURES / "slider.png")


def test_completion_and_inspection(open_notebook):
    page = open_notebook("complete", "")
    page.locator(".jp-CodeCell .cm-content").click()
    page.keyboard.type("dl.Zer")
    page.keyboard.press("Tab")
    page.wait_for_function("() => /dl\\.Zeros/.test(document.querySelector('.cm-content').innerText) || document.querySelector('.jp-Completer-item')")
    page.screenshot(path=PICTURES / "completion.png")
    page.keyboard.press("Escape")
    page.locator(".jp-CodeCell .cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.type("dl.Zeros")
    page.keyboard.press("Shift+Tab")
    page.wait_for_selector(".jp-Tooltip")
    assert "returns a float32 tensor of zeros" in page.locator(".jp-Tooltip").inner_text()
    page.screenshot(path=PICTURES / "inspection.png")


def test_interrupt_keeps_the_state(open_notebook):
    page = open_notebook("interrupt", "x := 41", "for { x = 41 }", "x + 1")
    run(page, 0)
    run(page, 1)
    page.wait_for_selector("text=/Go \\(fluxion\\) \\| Busy/")
    page.get_by_role("button", name=re.compile("[Ii]nterrupt")).first.click()
    output(page, 1).get_by_text("the cell was stopped").first.wait_for()
    run(page, 2)
    output(page, 2).get_by_text("42", exact=True).wait_for()
    page.screenshot(path=PICTURES / "interrupt.png")


def test_interrupt_of_training(open_notebook):
    page = open_notebook(
        "training",
        """x, y := dl.Randn(1000, 20), dl.RandInt(0, 10, 1000)
model := nn.Sequential(nn.Dense(50), nn.ReLU(), nn.Dense(10))
model.Fit(x, y, nn.FitOptions{Epochs: 1000000, Batch: 50})""",
        "model.Predict(x.Slice(dl.To(2))).Shape()",
    )
    run(page, 0)
    output(page, 0).get_by_text("epoch").first.wait_for()
    page.get_by_role("button", name=re.compile("[Ii]nterrupt")).first.click()
    page.wait_for_selector("text=/Go \\(fluxion\\) \\| Idle/")
    run(page, 1)
    output(page, 1).get_by_text("[2 10]").wait_for()
    page.screenshot(path=PICTURES / "training.png")


def test_controls(open_notebook):
    book = json.loads((ROOT / "notebooks" / "widgets.ipynb").read_text())
    page = open_notebook("widgets", book=book, height=3600)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    page.get_by_text("name: \"reader\"").wait_for()
    assert page.locator(".widget-slider, .widget-hslider").count() >= 3
    page.get_by_role("button", name="greet").click()
    page.get_by_text("Hello, reader").wait_for()
    page.screenshot(path=PICTURES / "widgets.png")


@pytest.fixture(scope="module")
def saved(tmp_path_factory):
    """The notebooks, as they are saved after a run."""
    folder = tmp_path_factory.mktemp("saved")
    notebooks = sorted((ROOT / "notebooks").glob("*.ipynb"))
    subprocess.run([ROOT / "build" / "fluxion", "run", "--out", folder, *notebooks], check=True, stdout=subprocess.DEVNULL)
    return {p.stem: json.loads((folder / p.name).read_text()) for p in notebooks}


def pictures(book, trusted):
    """How many figures the outputs of a notebook hold, of those that a page shows as an element img."""
    shown = {"image/png", "image/svg+xml"} if trusted else {"image/png"}
    outputs = [o.get("data", {}) for c in book["cells"] for o in c.get("outputs", [])]
    return sum("text/html" not in data and not shown.isdisjoint(data) for data in outputs)


NAMES = sorted(p.stem for p in (ROOT / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("theme", ["JupyterLab Light", "JupyterLab Dark"])
@pytest.mark.parametrize("name", NAMES)
def test_saved_notebook_without_a_kernel(lab, open_notebook, saved, name, theme):
    look(lab, open_notebook, saved[name], name, theme, trusted=True)


@pytest.mark.parametrize("name", NAMES)
def test_saved_notebook_of_somebody_else(lab, open_notebook, saved, name):
    """What a student sees who opens a teacher's notebook: figures all the same."""
    look(lab, open_notebook, saved[name], name, "JupyterLab Light", trusted=False)


def look(lab, open_notebook, book, name, theme, trusted):
    setting(lab, "apputils-extension/themes", theme=theme)
    setting(lab, "notebook-extension/tracker", windowingMode="none")
    kind = theme.split()[1].lower() if trusted else "untrusted"
    # trust is of the contents, so each reader has contents of their own
    book = dict(book, metadata={"kernelspec": {"name": "gone", "display_name": "gone", "language": "go"}, "reader": kind})
    page = open_notebook(f"{name}-{kind}", book=book, trusted=trusted)
    page.get_by_role("dialog").get_by_role("button", name="No Kernel").click()
    want = pictures(book, trusted)
    page.wait_for_function(
        """want => {
            const shown = [...document.querySelectorAll('.jp-OutputArea-output.jp-RenderedImage img, .jp-OutputArea-output.jp-RenderedSVG img')]
            const all = [...document.querySelectorAll('.jp-OutputArea-output img')]
            return shown.length == want && all.every(i => i.complete && i.naturalWidth > 0)
        }""",
        arg=want,
    )
    cut = page.evaluate(
        """() => [...document.querySelectorAll('.jp-OutputArea-output img')].filter(i => {
            const room = i.closest('.jp-OutputArea-output').getBoundingClientRect().right
            return i.getBoundingClientRect().right > room + 1 && !i.closest('details')
        }).map(i => i.alt || 'figure')"""
    )
    assert cut == [], "these pictures are cut off at the right"
    height = page.evaluate("() => Math.max(...[...document.querySelectorAll('.jp-NotebookPanel-notebook, .jp-NotebookPanel-notebook *')].slice(0, 8).map(e => e.scrollHeight))")
    page.set_viewport_size({"width": 1200, "height": min(height + 300, 15000)})
    page.screenshot(path=PICTURES / f"{name}-{kind}.png")
