"""The front-end files: what the build makes of npm's packages, and what is said when they are missing."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from nodegraph.errors import BrokenWorld
from ui import assets
from ui.front import build

ROOT = Path(__file__).resolve().parents[2]
FRONT = ROOT / "ui" / "front"
SVG = """\
<!-- @license lucide-static - ISC -->
<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="0 0 24 24" stroke="currentColor">
  <path d="M5 12h14" />
  <circle cx="12" cy="12" r="1" />
</svg>
"""


@pytest.fixture
def vendor(tmp_path) -> Path:
    """A copy of the installed files, to break."""
    return Path(shutil.copytree(assets.VENDOR, tmp_path / "vendor"))


def test_what_is_installed_is_complete_and_current():
    assets.check()
    assert build.is_current(FRONT, assets.VENDOR), "run `make install`: what ui/front asks for has changed"


def test_a_missing_file_is_named_with_what_to_do(vendor):
    (vendor / "vue-flow-core" / "index.js").unlink()
    with pytest.raises(BrokenWorld) as caught:
        assets.check(vendor)
    assert "vue-flow-core/index.js" in caught.value.message
    assert "make install" in caught.value.hint
    assert not build.is_current(FRONT, vendor)


@pytest.mark.parametrize("manifest", [None, "", "{}"])
def test_files_that_were_never_put_together_are_missing(manifest, tmp_path):
    if manifest is not None:
        (tmp_path / "files.json").write_text(manifest, encoding="utf-8")
    with pytest.raises(BrokenWorld, match="front-end files are missing"):
        assets.check(tmp_path)
    assert not build.is_current(FRONT, tmp_path)


def test_other_inputs_ask_for_a_new_build(vendor, tmp_path):
    front = Path(shutil.copytree(FRONT, tmp_path / "front"))
    assert build.is_current(front, vendor)
    with (front / "icons.txt").open("a", encoding="utf-8") as file:
        file.write("anvil\n")
    assert not build.is_current(front, vendor)


def test_an_icon_is_a_class_whose_picture_is_the_same_drawing_in_one_line():
    rule = build.icon_rule("minus", SVG)
    assert rule.startswith('.i-minus { --i: url("data:image/svg+xml,%3Csvg ')
    assert "%3Cpath d='M5 12h14'/%3E%3Ccircle cx='12' cy='12' r='1'/%3E%3C/svg%3E" in rule
    assert not set("<>#\n") & set(rule)


def test_an_icon_that_lucide_lacks_ends_the_build_with_its_name(tmp_path):
    (tmp_path / "icons").mkdir()
    (tmp_path / "icons" / "minus.svg").write_text(SVG, encoding="utf-8")
    assert build.icon_styles(tmp_path, ["minus"]).count("\n") == 2
    with pytest.raises(RuntimeError, match="plsu"):
        build.icon_styles(tmp_path, ["minus", "plsu"])


def test_modules_ask_for_nothing_that_pages_do_not_have():
    """Vue comes with NiceGUI, Vue Flow's core from here; nothing else, and no `process`."""
    for module in sorted(assets.VENDOR.glob("vue-flow-*/index.js")):
        code = module.read_text(encoding="utf-8")
        wanted = set(re.findall(r'^(?:import|export) .*from "([^"]+)"', code, re.MULTILINE))
        assert wanted <= {"vue", "@vue-flow/core"}, module
        assert "process.env" not in code


def test_every_file_comes_with_a_licence_and_no_address_to_load_from():
    folders = [path for path in assets.VENDOR.iterdir() if path.is_dir()]
    assert {folder.name for folder in folders} == {"inter", "lucide", "vue-flow-core"}
    assert all((folder / "LICENSE").stat().st_size > 100 for folder in folders)
    for style in assets.VENDOR.rglob("*.css"):
        assert not re.search(r"(url\(|@import )['\"]?(https?:)?//", style.read_text(encoding="utf-8")), style


def test_fonts_are_the_files_that_their_style_sheet_names():
    styles = (assets.VENDOR / "inter" / "fonts.css").read_text(encoding="utf-8")
    named = set(re.findall(r"url\(\./([^)]+)\)", styles))
    assert "files/inter-latin-wght-normal.woff2" in named
    assert all((assets.VENDOR / "inter" / name).read_bytes()[:4] == b"wOF2" for name in named)
    assert styles.count("font-display: swap") == len(named)
    assert "font-family: 'Inter';" in styles


def test_the_lock_file_names_versions_and_checksums_but_no_address_to_download_from():
    lock = json.loads((FRONT / "package-lock.json").read_text(encoding="utf-8"))
    packages = {name: entry for name, entry in lock["packages"].items() if name}
    assert "node_modules/@vue-flow/core" in packages
    assert all(entry["integrity"].startswith("sha512-") for entry in packages.values())
    assert not [name for name, entry in packages.items() if "resolved" in entry]


def test_icons_that_pages_show_are_on_the_list():
    known = set((FRONT / "icons.txt").read_text(encoding="utf-8").split())
    shown = {name: path.name for path in sorted((ROOT / "ui").rglob("*.py")) for name in _icons(path)}
    assert "x" in shown
    assert {name: file for name, file in shown.items() if name not in known} == {}


def _icons(path: Path) -> set[str]:
    text = path.read_text(encoding="utf-8")
    return set(re.findall(r'\b(?:icon\(|glyph=)"([a-z][a-z0-9-]*)"', text))
