# SPDX-License-Identifier: GPL-2.0-or-later
"""What every network of the package has in common."""

from __future__ import annotations

from torch import nn

from s2landcover_plugin.core.errors import ModelError


class SegmentationNetwork(nn.Module):
    """From normalised bands to class scores, of the same height and width.

    Subclasses keep what looks at the image in `encoder`, which may learn at another rate than the rest or be frozen.

    Args:
        size_multiple: rows and cols must be multiples of it, pixels.
        takes_reflectance: whether its bands are reflectance as it is, 0 to 1, and not normalised.

    Shape:
        (batch, bands, rows, cols) to (batch, classes, rows, cols).
    """

    encoder: nn.Module

    def __init__(self, size_multiple: int, takes_reflectance: bool = False) -> None:
        super().__init__()
        self.size_multiple = size_multiple
        self.takes_reflectance = takes_reflectance

    @property
    def encoder_body(self) -> nn.Module:
        """The encoder without the shell that segmentation-models-pytorch puts around timm's: its stages by their names.

        ResNets have `conv1`, `bn1`, `layer1` to `layer4`; a plain encoder has `level0`, `level1` and so on.
        """
        shelled = getattr(self.encoder, "model", None)
        return shelled if isinstance(shelled, nn.Module) else self.encoder

    def encoder_stage(self, name: str) -> nn.Module:
        """Return a part of the encoder by its name, such as `layer4` or `layer4.0`.

        Raises:
            ModelError: if the encoder has no such part.
        """
        try:
            return self.encoder_body.get_submodule(name)
        except AttributeError as error:
            names = ", ".join(part for part, _ in self.encoder_body.named_children())
            raise ModelError(f"The encoder has no stage '{name}'; its stages are {names}.") from error
