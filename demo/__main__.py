# SPDX-License-Identifier: GPL-2.0-or-later
"""The main job from end to end, through `qgis_process`: product in, map, report and picture out.

Run by `make demo`. Without `--scene` it makes a sample scene whose classes are known, and compares the map with them.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from pathlib import Path

from demo.picture import draw_picture
from demo.qgis_process import QgisProcess, StepFailed
from demo.sample_scene import make_sample_scene


def main(arguments: list[str] | None = None) -> int:
    """Run the chain; return the exit code."""
    parser = argparse.ArgumentParser(prog="demo", description="Map a Sentinel-2 product with the bundled model.")
    parser.add_argument("--scene", type=Path, help="a product of your own: SAFE folder, MTD_*.xml or band folder")
    parser.add_argument("--output", type=Path, default=Path("demo-output"), help="folder for the results")
    options = parser.parse_args(arguments)
    folder: Path = options.output.absolute()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        run_chain(options.scene, folder)
    except StepFailed as error:
        print(f"\n{error}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"\nThe demo stopped: {error}", file=sys.stderr)
        return 1
    return 0


def run_chain(scene: Path | None, folder: Path) -> None:
    """Pansharpen, classify and, where the truth is known, assess.

    Args:
        scene: a product, or None to make the sample scene.
        folder: where results go.

    Raises:
        StepFailed: if an algorithm ends with an error.
    """
    truth = None
    if scene is None:
        print("Making the sample scene")
        sample = make_sample_scene(folder)
        scene, truth = sample.safe, sample.truth
    stack, classes, confidence = (folder / f"{name}.tif" for name in ("stack", "map", "confidence"))
    with tempfile.TemporaryDirectory() as profile:
        # Where a server has none, Qt complains.
        os.environ.setdefault("XDG_RUNTIME_DIR", profile)
        qgis = QgisProcess(Path(profile))
        qgis.run("pansharpen", INPUT=scene.absolute(), OUTPUT=stack)
        qgis.run("classify", INPUT=stack, OUTPUT=classes, CONFIDENCE=confidence)
        if truth is not None:
            assess(qgis, classes, truth, folder)
        draw_picture(stack, classes, truth, folder / "picture.png")
    print(f"\nMap:        {classes}\nConfidence: {confidence}\nPicture:    {folder / 'picture.png'}")
    if truth is not None:
        print(f"Report:     {folder / 'report.html'}")


def assess(qgis: QgisProcess, classes: Path, truth: Path, folder: Path) -> None:
    """Compare the map with the sample scene's known classes and print the headline."""
    report, figures = folder / "report.html", folder / "report.json"
    qgis.run("accuracy", INPUT=classes, REFERENCE=truth, OUTPUT_HTML=report, OUTPUT_JSON=figures)
    headline = json.loads(figures.read_text(encoding="utf-8"))["headline"]
    print(
        f"The map agrees with the sample scene's known classes on {headline['overall_accuracy']:.1%} of the pixels "
        f"(mean IoU {headline['mean_iou']:.2f}). The scene is made, not measured: this is no accuracy of the model."
    )


if __name__ == "__main__":
    sys.exit(main())
