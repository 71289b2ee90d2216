# SPDX-License-Identifier: GPL-2.0-or-later
"""The command line: `python -m training prepare|check|fit|test|export|download|distil|sharpener`.

`fit` and `test` are Lightning's own command line, so every option is in a YAML file and on the command line alike.
Torch is imported only where it is needed: `prepare`, `check` and `distil` run without it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from s2landcover_plugin.core.catalogue.credentials import Credentials, credentials_for
from s2landcover_plugin.core.catalogue.download import DownloadRequest, download
from s2landcover_plugin.core.catalogue.search import LEVELS, SearchRequest
from s2landcover_plugin.core.catalogue.service import COPERNICUS, Service
from s2landcover_plugin.core.errors import LandCoverError

from . import labels, prepare
from .terminal import TerminalProgress

_EPILOG = """examples:
  python -m training prepare --images SCENE_1.tif SCENE_2.tif --labels LABELS.tif --folder DATASET
  python -m training check DATASET --report report.html
  python -m training download --extent 14.2 52.2 14.4 52.4 --start 2024-06-01 --end 2024-06-30 --folder PRODUCTS
  python -m training fit --data.folder DATASET
  python -m training fit --data.folder DATASET --model.width 32 --trainer.max_epochs 30
  python -m training test --data.folder DATASET --ckpt_path CHECKPOINT
  python -m training sharpener --scenes SCENES --hold-out 'S2B_*' --output my-sharpener.onnx --name my-sharpener \\
      --version 1.0 --license CC-BY-4.0 --attribution "Who made it, from what"
  python -m training export --checkpoint CHECKPOINT --output my-model.onnx --name my-model --version 1.0 \\
      --license CC-BY-4.0 --attribution "Who made it, from what"

'python -m training COMMAND --help' lists the options of a command. DATASET is a folder made by 'prepare', by the
plugin's 'tile' or by 'distil'."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return the exit code: 0, or 1 with one line on stderr."""
    parser = _parser()
    options, rest = parser.parse_known_args(sys.argv[1:] if arguments is None else arguments)
    run: Callable[[argparse.Namespace, list[str]], None] = options.run
    if rest and run is not _lightning:
        parser.error(f"unrecognized arguments: {' '.join(rest)}")
    try:
        run(options, rest)
    except LandCoverError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m training",
        description="Train land-cover models for the plugin and export them as one ONNX file.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, text in (("fit", "train a model on a dataset folder"), ("test", "measure a model on held-out tiles")):
        command = commands.add_parser(name, help=text, add_help=False)
        command.set_defaults(run=_lightning)
    _add_export(commands.add_parser("export", help="write a checkpoint as an ONNX file with its contract"))
    _add_download(commands.add_parser("download", help="find Sentinel-2 products in a catalogue and download them"))
    _add_distil(commands.add_parser("distil", help="make a dataset folder from scenes and a teacher network"))
    _add_sharpener(commands.add_parser("sharpener", help="train a network that sharpens 20 m bands, from any scenes"))
    prepare.add_prepare(commands.add_parser("prepare", help="cut images and labels into a dataset folder"))
    prepare.add_check(commands.add_parser("check", help="tell what is in a dataset folder, and what is wrong with it"))
    labels.add_arguments(commands.add_parser("alignlabels", help="bring labels onto an image's grid"))
    return parser


def _add_export(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=_export)
    add = parser.add_argument
    add("--checkpoint", type=Path, required=True, help="Lightning checkpoint (.ckpt) of 'fit'")
    add("--output", type=Path, required=True, help="ONNX file to write")
    add("--name", required=True, help="identifier of the model")
    add("--version", required=True, help="the model's own version")
    add("--license", required=True, help="SPDX expression of the weights' licence, such as CC-BY-4.0")
    add("--attribution", required=True, help="who and what has to be credited")
    add("--description", default="", help="one paragraph on what the model is for")
    add("--levels", nargs="+", default=["L1C", "L2A"], help="product levels it was trained for (default: L1C L2A)")
    add("--data", default="", help="what it was trained on, for the provenance")
    add("--data-license", default="", help="licence of the training data")
    add("--figures", type=Path, help="JSON file of 'test' with the held-out figures, for the provenance")


def _add_download(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=_download)
    parser.epilog = (
        "The account is taken from the environment: S2LANDCOVER_USERNAME and S2LANDCOVER_PASSWORD, or "
        "S2LANDCOVER_TOKEN. An interrupted download goes on where it was when the command is run again."
    )
    add = parser.add_argument
    add("--extent", type=float, nargs=4, required=True, metavar=("W", "S", "E", "N"), help="degrees (WGS 84)")
    add("--start", type=_day, required=True, help="first day (UTC), such as 2024-06-01")
    add("--end", type=_day, required=True, help="last day (UTC); it counts")
    add("--level", choices=LEVELS, default=LEVELS[0], help="of the products (default: L2A)")
    add("--cloud", type=float, default=20.0, help="cloud cover of a scene at most, percent (default: 20)")
    add("--limit", type=int, default=5, help="scenes at most, those with least cloud (default: 5)")
    add("--folder", type=Path, help="gets the products; without it, they are listed only")
    add("--found", type=Path, help="GeoPackage of the scenes' footprints to write")
    add("--endpoint", default=COPERNICUS, help="address of a STAC API (default: the Copernicus Data Space)")
    add("--collection", default="", help="its name there (default: sentinel-2-l1c or sentinel-2-l2a)")
    add("--token-url", default="", help="where another catalogue's accounts get a token (OAuth 2.0)")


def _day(text: str) -> date:
    return date.fromisoformat(text)


def _add_distil(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=_distil)
    add = parser.add_argument
    add("--scenes", type=Path, required=True, help="folder with l1c_multires_T33UUB, bigearthnet_tiny, s2_l2a_chips")
    add("--teacher", type=Path, required=True, help="Dynamic World's forward model as ONNX")
    add("--output", type=Path, required=True, help="dataset folder to make")
    add("--train-tiles", type=int, default=1600, help="number of training tiles to make up (default: 1600)")
    add("--seed", type=int, default=0, help="of the random numbers (default: 0)")
    add("--rare", action="store_true", help="training tiles with more of rare classes, standing water and snow")
    add("--covered", action="store_true", help="let held-out scenes stand in water and lie under snow, for comparison")
    add("--direct", action="store_true", help="label held-out tiles with the teacher's bare answer, for comparison")


def _add_sharpener(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(run=_sharpener)
    add = parser.add_argument
    add("--scenes", type=Path, nargs="+", required=True, help="Sentinel-2 products, or folders of products")
    add("--output", type=Path, required=True, help="ONNX file to write")
    add("--name", required=True, help="identifier of the network")
    add("--version", required=True, help="the network's own version")
    add("--license", required=True, help="SPDX expression of the weights' licence, such as CC-BY-4.0")
    add("--attribution", required=True, help="who and what has to be credited")
    add("--hold-out", nargs="+", default=[], help="scenes to measure and not to learn from; names, * for anything")
    add("--description", default="", help="one paragraph on what the network is for")
    add("--data-license", default="", help="licence of the scenes")
    add("--steps", type=int, default=1500, help="training steps (default: 1500)")
    add("--batch-size", type=int, default=16, help="crops a step (default: 16)")
    add("--crop", type=int, default=32, help="side of a crop, degraded pixels (default: 32)")
    add("--blurs", type=int, default=8, help="random blurs that each piece is degraded by (default: 8)")
    add("--mixed", type=float, default=0.3, help="share of the crops that mix bands (default: 0.3)")
    add("--width", type=int, default=32, help="channels of the network (default: 32)")
    add("--blocks", type=int, default=3, help="residual blocks of the network (default: 3)")
    add("--learning-rate", type=float, default=3e-3, help="largest learning rate (default: 0.003)")
    add("--threads", type=int, default=0, help="CPU threads (default: as many as PyTorch thinks best)")
    add("--seed", type=int, default=0, help="of the random numbers (default: 0)")


def _lightning(options: argparse.Namespace, rest: list[str]) -> None:
    from .lightning_cli import run

    run([options.command, *rest])


def _export(options: argparse.Namespace, _: list[str]) -> None:
    from .export import ExportRequest, export

    values = {name: value for name, value in vars(options).items() if name not in ("run", "command")}
    result = export(ExportRequest(**{**values, "levels": tuple(options.levels)}))
    print(f"{result.path} ({result.size / 1e6:.1f} MB); largest difference from PyTorch: {result.difference:.1e}")


def _download(options: argparse.Namespace, _: list[str]) -> None:
    service = Service.at(options.endpoint, options.token_url)
    request = DownloadRequest(
        search=SearchRequest(
            extent=tuple(options.extent),
            start=options.start,
            end=options.end,
            level=options.level,
            max_cloud=options.cloud,
            limit=options.limit,
            collection=options.collection,
        ),
        folder=options.folder,
        service=service,
        credentials=credentials_for(service, Credentials()),
        found=options.found,
    )
    for scene in download(request, TerminalProgress()):
        print(scene.path or scene.item.name)


def _distil(options: argparse.Namespace, _: list[str]) -> None:
    from .distillation.dataset import DistillationRequest, distil

    values = {name: value for name, value in vars(options).items() if name not in ("run", "command")}
    info = distil(DistillationRequest(**values), TerminalProgress())
    print(f"{options.output}: {len(info.tiles)} tiles")


def _sharpener(options: argparse.Namespace, _: list[str]) -> None:
    from .sharpening.evaluation import to_text
    from .sharpening.train import SharpenerRequest, train_sharpener

    values = {name: value for name, value in vars(options).items() if name not in ("run", "command")}
    lists = {name: tuple(values[name]) for name in ("scenes", "hold_out")}
    figures = train_sharpener(SharpenerRequest(**{**values, **lists}))
    if figures:
        print(to_text(figures))
    print(f"{options.output} ({options.output.stat().st_size / 1e6:.2f} MB)")
