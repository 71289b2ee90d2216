# SPDX-License-Identifier: GPL-2.0-or-later
"""A sharpening network, ready to run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ..bands import GUIDE_BANDS
from ..errors import ModelError
from ..models.bundled import MODELS_FOLDER
from ..models.external_weights import check_weights
from ..models.onnx_graph import read_graph
from ..models.session import SessionRequest, first_line, open_session
from ..radiometry import FloatArray
from .network_contract import INPUTS, OUTPUT, SharpenerContract, read_sharpener_contract

SHARPENERS_FOLDER = MODELS_FOLDER / "sharpeners"


@dataclass(frozen=True)
class SharpeningNetwork:
    """A network that is ready to run, from several threads at once.

    Attributes:
        contract: what the file says about itself.
    """

    contract: SharpenerContract
    _session: Any

    def correction(
        self, band: str, guides: FloatArray, regression: FloatArray, coarse: FloatArray, blur: tuple[float, float]
    ) -> FloatArray:
        """Return what has to be added to what regression made of a band.

        Args:
            band: its id; one of the contract's.
            guides: the softened guides, reflectance, shape (guides, rows x factor, cols x factor).
            regression: the band as regression sharpened it, shape (rows x factor, cols x factor).
            coarse: the band itself, shape (rows, cols).
            blur: the fit's `sigma` and `softening`.

        Returns:
            Reflectance, shape (rows x factor, cols x factor), float32, finite.

        Raises:
            ModelError: if the network fails, or gives something else than a correction.
        """
        which = np.array([[name == band for name in self.contract.bands]], dtype=np.float32)
        values = (guides[None], regression[None, None], coarse[None, None], which, np.array([blur], dtype=np.float32))
        try:
            (output,) = self._session.run([OUTPUT], dict(zip(INPUTS, values)))
        except Exception as error:  # onnxruntime has no common root for its errors
            raise ModelError(f"The sharpening network '{self.contract.name}' failed ({first_line(error)}).") from error
        if output.shape != (1, 1, *regression.shape) or not np.isfinite(output).all():
            raise ModelError(
                f"The sharpening network '{self.contract.name}' gave {output.shape}, or numbers that are not finite; "
                f"expected a correction of shape {(1, 1, *regression.shape)}. It has to be exported again."
            )
        return np.asarray(output[0, 0], dtype=np.float32)


def bundled_sharpener() -> Path | None:
    """Return the sharpening network that comes with the plugin; None if this copy has none."""
    return next(iter(sorted(SHARPENERS_FOLDER.glob("*.onnx"))), None)


def find_sharpener(text: str) -> Path:
    """Return the file of a sharpening network.

    Args:
        text: its path; empty for the one that comes with the plugin.

    Raises:
        ModelError: if no path is given and none comes with the plugin.
    """
    path = Path(text.strip()).expanduser() if text.strip() else bundled_sharpener()
    if path is None:
        raise ModelError(
            "No sharpening network comes with this copy of the plugin; name the .onnx file of one of your own, which "
            "'python -m training sharpener' makes, or choose the method 'regression'."
        )
    return path


def load_sharpener(text: str) -> SharpeningNetwork:
    """Open a sharpening network; its file is only data, and no file outside its folder is read.

    Args:
        text: as for `find_sharpener`.

    Raises:
        DependencyError: if there is no onnxruntime.
        ModelError: if there is no such file, or it is no sharpening network.
    """
    path = find_sharpener(text)
    contract = read_sharpener_contract(path)
    if contract.guides != GUIDE_BANDS:
        raise ModelError(
            f"The sharpening network '{contract.name}' is guided by {', '.join(contract.guides)}; this release "
            f"sharpens with {', '.join(GUIDE_BANDS)}."
        )
    check_weights(path)
    graph = read_graph(path)
    names, outputs = (sorted(tensor.name for tensor in tensors) for tensors in (graph.inputs, graph.outputs))
    if names != sorted(INPUTS) or OUTPUT not in outputs:
        raise ModelError(
            f"The sharpening network '{contract.name}' takes {', '.join(names)} and gives {', '.join(outputs)}; "
            f"expected {', '.join(INPUTS)} and {OUTPUT}. It has to be exported again."
        )
    # A scene's tiles run side by side, each in a thread of its own.
    return SharpeningNetwork(contract, open_session(path, SessionRequest(threads=1)).session)
