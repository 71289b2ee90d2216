# SPDX-License-Identifier: GPL-2.0-or-later
"""The model card: what a model is, how it was made, how good it is and where it ends, in Markdown, for people.

After Mitchell et al. (2019), https://doi.org/10.1145/3287560.3287596.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

import yaml

from s2landcover_plugin.core.models.contract import ModelContract
from s2landcover_plugin.core.pages.text import decimal
from s2landcover_plugin.core.tiling.dataset import SPLITS
from s2landcover_plugin.core.tiling.storage import STORED

from ..augmentation.options import AugmentationOptions
from ..evaluation.figures import HEADLINE
from ..fitting.options import OptimiserOptions
from ..losses.options import LossOptions
from ..networks.options import NetworkOptions
from .run_record import RunRecord

_CLASS_FIGURES = {"precision": "user's accuracy", "recall": "producer's accuracy", "f1": "F1", "iou": "IoU"}
_DEFAULTS: Mapping[str, Any] = {"network": NetworkOptions(), "loss": LossOptions(), "optimiser": OptimiserOptions()}
_LATEST = {"trainer": ("max_epochs", "precision", "accumulate_grad_batches"), "data": ("batch_size", "fold")}


def model_card(contract: ModelContract, run: RunRecord, hparams: Mapping[str, Any], file_name: str) -> str:
    """Return the card of a model.

    Args:
        contract: of the file.
        run: what is known of the training.
        hparams: the options that the checkpoint keeps.
        file_name: of the model file.
    """
    sections = (
        _head(contract),
        _classes(contract),
        _data(contract, run),
        _training(run, hparams),
        _held_out(contract),
        _precision(contract),
        _use(contract, file_name),
        _limits(contract),
    )
    return "\n\n".join("\n".join(section) for section in map(list, sections) if section) + "\n"


def _head(contract: ModelContract) -> Iterator[str]:
    yield f"# {contract.name}, version {contract.version}"
    if contract.description:
        yield f"\n{contract.description}"
    parameters = f", {contract.parameters:,} parameters" if contract.parameters else ""
    gives = "probabilities" if contract.activation == "softmax" else "scores (a softmax makes probabilities of them)"
    yield "\n| | |\n|---|---|"
    yield f"| input | {_input_text(contract)} |"
    yield f"| output | {gives} for {len(contract.legend)} classes |"
    yield f"| network | {contract.architecture}{parameters}; normalisation inside the graph |"
    yield (
        f"| context | {contract.context} pixels around a pixel ({contract.provenance.get('context', '')}); sizes are "
        f"multiples of {contract.size_multiple} |"
    )
    yield f"| weights' licence | {contract.license} |"
    yield f"\n**Credit.** {_cell(contract.attribution)}"


def _input_text(contract: ModelContract) -> str:
    size = f"at {contract.gsd:g} m"
    if contract.values == STORED:
        return f"the first {len(contract.bands)} bands of a byte image, 0-255, {size}"
    levels = " or ".join({"L1C": "Level-1C", "L2A": "Level-2A"}[level] for level in contract.levels)
    return f"{', '.join(contract.bands)} {size}, reflectance 0-1, {levels}"


def _classes(contract: ModelContract) -> Iterator[str]:
    yield "## Classes\n"
    yield "| value | class | colour | what belongs to it |\n|---|---|---|---|"
    for item in contract.legend:
        yield f"| {item.value} | {_cell(item.name)} | #{item.colour} | {_cell(item.description)} |"


def _data(contract: ModelContract, run: RunRecord) -> Iterator[str]:
    known = contract.provenance
    yield "## Training data\n"
    yield f"{_cell(known.get('data') or 'Not recorded.')}"
    yield f"\nLicence of the data: {_cell(known.get('data_license') or 'not recorded')}."
    if run.attribution and run.attribution != contract.attribution:
        yield f"\nCredit for the data: {_cell(run.attribution)}"
    if run.info:
        yield "\n| split | tiles | places |\n|---|---|---|"
        for split in SPLITS:
            tiles = run.info.split(split)
            yield f"| {split} | {len(tiles)} | {len({tile.place for tile in tiles})} |"


def _training(run: RunRecord, hparams: Mapping[str, Any]) -> Iterator[str]:
    yield "## Training\n"
    yield "Options of `python -m training fit` that differ from the package's own, and how long it ran:\n"
    yield "```yaml"
    yield yaml.safe_dump(_options(run, hparams), sort_keys=False, allow_unicode=True).strip()
    yield "```"


def _options(run: RunRecord, hparams: Mapping[str, Any]) -> dict[str, Any]:
    model = {name: _changed(hparams[name], asdict(default)) for name, default in _DEFAULTS.items()}
    options: dict[str, Any] = {"seed_everything": run.option("seed_everything")}
    options["model"] = {name: changed for name, changed in model.items() if changed} or None
    for group, names in _LATEST.items():
        options[group] = {name: run.option(group, name) for name in names if run.option(group, name) is not None}
    augmentation = run.option("data", "augmentation")
    if isinstance(augmentation, Mapping):
        options["data"]["augmentation"] = _changed(augmentation, asdict(AugmentationOptions()))
    return {name: value for name, value in options.items() if value not in (None, {})}


def _changed(values: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values that are not the defaults, sequences as lists."""
    plain = {name: list(value) if isinstance(value, tuple) else value for name, value in values.items()}
    usual = {name: list(value) if isinstance(value, tuple) else value for name, value in defaults.items()}
    return {name: value for name, value in plain.items() if value != usual.get(name)}


def _held_out(contract: ModelContract) -> Iterator[str]:
    yield "## How far maps and labels agree on held-out tiles\n"
    figures: Mapping[str, Any] = contract.provenance.get("figures") or {}
    if not figures:
        yield "Not measured: `python -m training test` was not run before the export."
        return
    yield (
        "Agreement with labels is accuracy only as far as the labels are right. Validation tiles chose the checkpoint, "
        "so that figures on them are somewhat too good; those on test tiles are not."
    )
    for split, known in figures.items():
        yield f"\n### {split.capitalize()} tiles, by place\n"
        yield from _table("place", HEADLINE, {**known.get("places", {}), "**all**": known["all"]}, "pixels")
        if known.get("classes"):
            yield f"\n### {split.capitalize()} tiles, by class\n"
            yield from _table("class", _CLASS_FIGURES, known["classes"], "reference_pixels")


def _table(first: str, titles: Mapping[str, str], rows: Mapping[str, Mapping[str, Any]], pixels: str) -> Iterator[str]:
    yield f"| {first} | pixels | {' | '.join(titles.values())} |"
    yield "|---" * (2 + len(titles)) + "|"
    for name, values in rows.items():
        figures = " | ".join(decimal(values.get(key)) for key in titles)
        yield f"| {_cell(name)} | {values.get(pixels, '')} | {figures} |"


def _precision(contract: ModelContract) -> Iterator[str]:
    known = contract.provenance["precision"]
    yield "## Numbers\n"
    text = (
        f"The file computes in {known['name']}. Its class probabilities differ from those of PyTorch by "
        f"{known['difference']:.1e} at most and {known['mean_difference']:.1e} on average."
    )
    if "calibration_tiles" in known:
        text += f" Ranges were taken from {known['calibration_tiles']} training tiles at most, seed {known['seed']}."
    yield text
    if "full" in known:
        full, reduced = known["full"], known["reduced"]
        yield f"\nOn the {full['tiles']} {full['split']} tiles:\n"
        yield "| | accuracy | macro IoU |\n|---|---|---|"
        for title, row in (("float32", full), (known["name"], reduced)):
            yield f"| {title} | {decimal(row['overall_accuracy'])} | {decimal(row['mean_iou'])} |"


def _use(contract: ModelContract, file_name: str) -> Iterator[str]:
    yield "## Use\n"
    if contract.values == STORED:
        yield "- The image has to have its bands in the order of training, as bytes, and to say where it lies."
    else:
        yield "- `pansharpen` makes the stack of bands from a Sentinel-2 product."
    yield (
        f"- In QGIS: Processing > Sentinel-2 land cover > Classify, and `{file_name}` as the model; windows, their "
        "overlap and the style of the map follow from the file."
    )
    yield f"- Without QGIS, to try it on an image: `python -m training app --model {file_name}`."


def _limits(contract: ModelContract) -> Iterator[str]:
    yield "## What it is not good for\n"
    yield "- **Other places, seasons and sensors** than those of the training data: expect less than the figures above."
    yield f"- **Other pixel sizes** than {contract.gsd:g} m, and anything of few pixels."
    if contract.values != STORED:
        yield "- **Cloud and its shadow**, unless there is a class for them. Mask them."
    weak = _weak(contract)
    if weak:
        yield f"- **{', '.join(weak)}**: less than half of the union of map and labels is in both (IoU below 0.5)."
    yield "- **Figures of area**: count a validation sample, not pixels."


def _weak(contract: ModelContract) -> list[str]:
    """Return the classes that held-out tiles show to be poor, of the test tiles if there are any."""
    figures: Mapping[str, Any] = contract.provenance.get("figures") or {}
    split = figures.get("test") or figures.get("validation") or {}
    return [
        _cell(name)
        for name, row in (split.get("classes") or {}).items()
        if row.get("iou") is not None and row["iou"] < 0.5
    ]


def _cell(text: str) -> str:
    """Return text that stays in its place in Markdown."""
    return " ".join(str(text).replace("|", "\\|").replace("<", "&lt;").split())
