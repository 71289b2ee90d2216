# SPDX-License-Identifier: GPL-2.0-or-later
"""Who imports whom: `algorithms -> core`, `training -> core`, never back; and core runs without QGIS."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PLUGIN = ROOT / "s2landcover_plugin"
CORE = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    for path in (PLUGIN / "core").rglob("*.py")
)
BLOCKED = ("qgis", "PyQt5", "PyQt6", "torch", "lightning", "matplotlib", "scipy", "training", "processing")
BACKENDS = {"s2landcover_plugin.core.raster.gdal_backend", "s2landcover_plugin.core.raster.rasterio_backend"}

# Importing what is None in sys.modules fails, as if it were not installed.
PROGRAM = """
import importlib, sys
blocked, modules, optional = (argument.split() for argument in sys.argv[1:])
sys.modules.update(dict.fromkeys(blocked))
for name in modules:
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as error:
        if name not in optional or error.name not in ("osgeo", "rasterio", "affine"):
            raise
print(*sorted(name for name in sys.modules if name.split(".")[0] in ("onnxruntime", "onnx")))
"""


def imports(path: Path) -> set[str]:
    """Return the packages that a file imports absolutely, and what it takes from its own package."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            found.add(node.module.split(".")[0])
        elif isinstance(node, ast.ImportFrom):
            found.add("." * node.level + (node.module or ""))
    return found


def test_core_imports_without_qgis_and_without_heavy_packages():
    assert len(CORE) > 20
    arguments = [" ".join(BLOCKED), " ".join(CORE), " ".join(BACKENDS)]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "", "onnxruntime is imported at first use only"


def test_the_package_imports_without_qgis():
    program = "import sys; sys.modules['qgis'] = None; import s2landcover_plugin as p; print(callable(p.classFactory))"
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.stdout.strip() == "True", done.stderr


def test_core_never_reaches_outside_itself():
    for path in (PLUGIN / "core").rglob("*.py"):
        depth = len(path.relative_to(PLUGIN / "core").parts)
        names = imports(path)
        assert not names & {*BLOCKED, "s2landcover_plugin"}, path
        assert not [name for name in names if len(name) - len(name.lstrip(".")) > depth], path


@pytest.mark.parametrize("path", sorted((PLUGIN / "algorithms").glob("*.py")), ids=lambda path: path.stem)
def test_algorithms_are_thin(path):
    """They know QGIS, core and the standard library; no arrays, no raster library."""
    allowed = {*sys.stdlib_module_names, "qgis"} | ({"osgeo"} if path.stem == "status" else set())
    absolute = {name for name in imports(path) if not name.startswith(".")}
    assert absolute <= allowed
    tree = ast.parse(path.read_text(encoding="utf-8"))
    lengths = {
        node.name: node.end_lineno - node.lineno + 1
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name in ("execute", "processAlgorithm")
    }
    assert all(length <= 30 for length in lengths.values()), lengths


def test_training_never_imports_qgis_or_the_algorithms():
    for path in (ROOT / "training").rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        modules = [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
        assert not imports(path) & {"qgis", "osgeo", "PyQt5", "PyQt6", "processing"}, path
        assert not [module for module in modules if module.startswith("s2landcover_plugin.algorithms")], path
