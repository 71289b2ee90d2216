# SPDX-License-Identifier: GPL-2.0-or-later
"""The page: an image in, the map over it and a legend out. Served to this machine only; nothing leaves it."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from s2landcover_plugin.core.errors import DependencyError, InputError, LandCoverError
from s2landcover_plugin.core.models.bundled import find_model, read_contract
from s2landcover_plugin.core.models.contract import ModelContract
from s2landcover_plugin.core.pages.text import escape, percent
from s2landcover_plugin.core.tiling.storage import STORED

from .upload import Picture, Trial, try_model

if TYPE_CHECKING:
    from gradio import Blocks, Image

_OPACITY = 60  # per cent
_PICTURES = {"Image": "image", "Map over the image": "map"}  # titles and ids
_ENDINGS = [".tif", ".tiff", ".png", ".jpg", ".jpeg", ".jp2"]
_CSS = """
.legend table { width: 100%; border-collapse: collapse; border: 0 !important; }
.legend tr, .legend td { border: 0 !important; }
.legend td { padding: .3rem .4rem !important; vertical-align: middle; }
.legend td:first-child { width: 1.6rem; }
.legend td.share { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
#image img, #map img { width: 100%; height: 100%; object-fit: contain; image-rendering: pixelated; }
.legend .swatch { display: inline-block; width: 1.1rem; height: 1.1rem; border-radius: 3px; border: 1px solid #0003; }
.legend .absent { opacity: .45; }
.legend .bar { height: .35rem; border-radius: 2px; margin-top: .15rem; }
.problem { border-left: 4px solid #b3261e; padding: .5rem .8rem; background: #b3261e14; }
.note { border-left: 4px solid #b98900; padding: .5rem .8rem; margin-top: .6rem; background: #b9890014; }
footer { display: none !important; }
"""


def serve(model: str, port: int, is_shown: bool) -> None:
    """Serve the page on this machine until it is interrupted.

    Args:
        model: path of a model file, or the name of a bundled one.
        port: TCP port.
        is_shown: open it in the browser.

    Raises:
        DependencyError: if there is no gradio.
        ModelError: if the model cannot be used.
        InputError: if the port is taken.
    """
    gradio = import_gradio()
    page = build_page(find_model(model))
    try:
        page.launch(
            server_name="127.0.0.1",
            server_port=port,
            share=False,
            inbrowser=is_shown,
            ssr_mode=False,
            theme=gradio.themes.Soft(font=["system-ui", "sans-serif"], font_mono=["monospace"]),
            css=_CSS,
            footer_links=[],
        )
    except OSError as error:
        raise InputError(f"The page cannot be served on port {port}; give another with --port.") from error


def import_gradio() -> Any:
    """Return gradio, told not to report its use.

    Raises:
        DependencyError: if it is not installed.
    """
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    try:
        import gradio
    except ImportError as error:
        raise DependencyError("The page is made with gradio; install it with: pip install 'gradio>=6,<7'") from error
    return gradio


def build_page(model: Path) -> Blocks:
    """Return the page for a model.

    Raises:
        DependencyError: if there is no gradio.
        ModelError: if the model has no contract.
    """
    gradio, contract = import_gradio(), read_contract(model)

    def classify_upload(upload: str | None, opacity: float) -> tuple[Trial | None, Picture | None, Picture | None, str]:
        if upload is None:
            return None, None, None, ""
        with tempfile.TemporaryDirectory() as folder:
            try:
                trial = try_model(Path(upload), model, Path(folder))
            except LandCoverError as error:
                message = _without_folders(str(error), (folder, str(Path(upload).parent)))
                return None, None, None, f'<p class="problem" role="alert">{escape(message)}</p>'
        return trial, trial.image, trial.overlay(opacity / 100), legend_html(trial)

    def blend(trial: Trial | None, opacity: float) -> Picture | None:
        return trial.overlay(opacity / 100) if trial else None

    page: Blocks = gradio.Blocks(title=f"Try {contract.name}", analytics_enabled=False)
    with page:
        state = gradio.State()
        gradio.Markdown(_about(contract))
        with gradio.Row():
            with gradio.Column(scale=1, min_width=300):
                upload = gradio.File(label="Upload an image", file_types=_ENDINGS, height=150, elem_id="upload")
                opacity = gradio.Slider(0, 100, _OPACITY, step=1, label="Opacity, %", elem_id="opacity")
                legend = gradio.HTML(elem_classes="legend", elem_id="legend")
            with gradio.Column(scale=3), gradio.Row():
                image, overlay = (_picture(gradio, title, name) for title, name in _PICTURES.items())
        upload.change(classify_upload, [upload, opacity], [state, image, overlay, legend], api_visibility="private")
        opacity.change(
            blend,
            [state, opacity],
            overlay,
            show_progress="hidden",
            trigger_mode="always_last",
            api_visibility="private",
        )
    return page


def _picture(gradio: Any, title: str, name: str) -> Image:
    with gradio.Column(min_width=260):
        gradio.Markdown(f"**{title}**")
        picture: Image = gradio.Image(
            show_label=False,
            interactive=False,
            format="png",
            height=520,
            buttons=["download", "fullscreen"],
            elem_id=name,
        )
    return picture


def legend_html(trial: Trial) -> str:
    """Return the classes, the most frequent first, with their colours and shares, and notes below."""
    shares = trial.shares
    rows = "".join(
        f'<tr class="{"" if shares[item.value] else "absent"}" data-class="{item.value}">'
        f'<td><span class="swatch" style="background:#{item.colour}"></span></td>'
        f"<td>{escape(item.name)}"
        f'<div class="bar" style="background:#{item.colour};width:{100 * shares[item.value]:.1f}%"></div></td>'
        f'<td class="share">{percent(shares[item.value])}</td></tr>'
        for item in sorted(trial.legend, key=lambda item: -shares[item.value])
    )
    notes = "".join(f'<p class="note">{escape(note)}</p>' for note in trial.notes)
    return f"<table><tbody>{rows}</tbody></table>{notes}"


def _about(contract: ModelContract) -> str:
    if contract.values == STORED:
        wanted = f"An image of bytes (GeoTIFF, PNG, JPEG) whose first {len(contract.bands)} bands are as in training"
    else:
        wanted = f"A GeoTIFF with the bands {', '.join(contract.bands)}"
    description = escape(contract.description or contract.architecture)
    return (
        f"# {escape(contract.name)} {escape(contract.version)}\n{description}\n\n{wanted}, at {contract.gsd:g} m a "
        "pixel. It stays on this machine."
    )


def _without_folders(message: str, folders: tuple[str, ...]) -> str:
    """Return a message that names files without the folders that uploads and copies of them are kept in."""
    for folder in folders:
        message = message.replace(f"{folder}{os.sep}", "")
    return message
