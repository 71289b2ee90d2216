# SPDX-License-Identifier: GPL-2.0-or-later
"""The average over flips and turns."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from training.evaluation.views import mean_over_views


def test_network_that_looks_at_one_pixel_gives_the_same() -> None:
    network = nn.Conv2d(3, 4, 1)
    image = torch.rand(2, 3, 5, 8)
    with torch.inference_mode():
        assert torch.allclose(mean_over_views(network, image), network(image).softmax(dim=1), atol=1e-6)


def test_turned_or_mirrored_image_gives_the_turned_or_mirrored_answer() -> None:
    network = nn.Conv2d(3, 4, 3, padding=1)
    image = torch.rand(1, 3, 6, 9)
    with torch.inference_mode():
        answer = mean_over_views(network, image)
        assert not torch.allclose(answer, network(image).softmax(dim=1), atol=1e-3)
        assert torch.allclose(mean_over_views(network, image.rot90(1, (2, 3))), answer.rot90(1, (2, 3)), atol=1e-6)
        assert torch.allclose(mean_over_views(network, image.flip(2)), answer.flip(2), atol=1e-6)


def test_every_view_is_seen_once() -> None:
    image = torch.arange(4.0).reshape(1, 1, 2, 2)
    seen = []

    def network(view: Tensor) -> Tensor:
        seen.append(tuple(view.flatten().tolist()))
        return torch.cat([view, -view], dim=1)

    mean_over_views(network, image)
    assert len(seen) == len(set(seen)) == 8
