# SPDX-License-Identifier: GPL-2.0-or-later
"""DeepLab, of segmentation-models-pytorch.

V3: Chen et al. (2017), https://arxiv.org/abs/1706.05587. V3+: Chen et al. (2018), https://arxiv.org/abs/1802.02611.
"""

from __future__ import annotations

from typing import Any

import segmentation_models_pytorch as smp
from torch import Tensor, nn
from torch.nn.functional import interpolate

from s2landcover_plugin.core.errors import ModelError

from .base import SegmentationNetwork
from .encoders import PLAIN, encoder_name
from .options import NetworkOptions


class DeepLab(SegmentationNetwork):
    """Encoder with dilated convolutions, atrous spatial pyramid pooling, 1 x 1 head, bilinear to full size.

    Args:
        bands: number of input channels.
        classes: number of output channels.
        options: `architecture`, `encoder`, `output_stride` and `dropout`.

    Shape:
        (batch, bands, rows, cols) to (batch, classes, rows, cols); more than one image a batch in training.

    Raises:
        ModelError: if there is no such encoder, or it cannot be dilated.
    """

    def __init__(self, bands: int, classes: int, options: NetworkOptions) -> None:
        super().__init__(size_multiple=options.output_stride)
        model = _model(bands, options)
        self.encoder: nn.Module = model.encoder
        self.decoder: nn.Module = model.decoder
        self.scale = float(options.output_stride)
        if options.architecture == "deeplabv3plus":
            self.scale = 4.0
            # Aligned corners would stretch each window by its own size, and windows would not agree where they meet.
            self.decoder.up = nn.Upsample(scale_factor=options.output_stride / 4, mode="bilinear")
        self.head = nn.Conv2d(256, classes, 1)

    def forward(self, image: Tensor) -> Tensor:
        """Return class scores (logits).

        Raises:
            ModelError: in training, if the batch is one image.
        """
        if self.training and len(image) == 1:
            raise ModelError(
                "DeepLab cannot learn from one tile at a time: its pooled features have no spread to normalise. "
                "Set --data.batch_size to 2 or more."
            )
        scores: Tensor = self.head(self.decoder(self.encoder(image)))
        return interpolate(scores, scale_factor=self.scale, mode="bilinear")


def _model(bands: int, options: NetworkOptions) -> Any:
    if options.encoder == PLAIN:
        raise ModelError("DeepLab needs an encoder by name: set --model.network.encoder, for instance to resnet50.")
    kind = smp.DeepLabV3Plus if options.architecture == "deeplabv3plus" else smp.DeepLabV3
    try:
        return kind(
            encoder_name=encoder_name(options.encoder),
            encoder_weights=None,
            encoder_output_stride=options.output_stride,
            decoder_aspp_dropout=options.dropout,
            in_channels=bands,
        )
    except (TypeError, ValueError, AttributeError, NotImplementedError) as error:
        raise ModelError(
            f"The encoder {options.encoder} cannot be used in DeepLab ({error}); choose another, such as resnet50."
        ) from error
