# SPDX-License-Identifier: GPL-2.0-or-later
"""Changes of place: image, labels and soft labels move together."""

from __future__ import annotations

import torch
from torch import Tensor

from ..data.samples import Sample


def randomly_turned(batch: Sample) -> Sample:
    """Return a batch whose tiles are each rotated by a random number of right angles, and mirrored half of the time."""
    parts = (batch.image, batch.labels, batch.probabilities)
    turned = [
        [_turned(part[index], turns, mirrored) for part in parts]
        for index, (turns, mirrored) in enumerate(_turns(len(batch.image)))
    ]
    image, labels, probabilities = (torch.stack(column) for column in zip(*turned))
    return batch._replace(image=image, labels=labels, probabilities=probabilities)


def _turns(count: int) -> list[tuple[int, bool]]:
    return list(zip(torch.randint(4, (count,)).tolist(), (torch.rand(count) < 0.5).tolist()))


def _turned(tensor: Tensor, quarter_turns: int, mirrored: bool) -> Tensor:
    """Return a tensor, shape (..., rows, cols), rotated by right angles and then mirrored left to right."""
    tensor = torch.rot90(tensor, quarter_turns, (-2, -1))
    return tensor.flip(-1) if mirrored else tensor
