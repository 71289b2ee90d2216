# SPDX-License-Identifier: GPL-2.0-or-later
import pytest
import torch

from tests.sharpeners import sharpener_contract
from training.sharpening.export import example_inputs
from training.sharpening.network import SharpeningCNN


def network(**options):
    torch.manual_seed(0)
    made = SharpeningCNN(2, width=8, **options)
    torch.nn.init.normal_(made.tail.weight, std=0.1)
    return made.eval()


def test_it_starts_from_no_correction():
    inputs = example_inputs(sharpener_contract(), 6, 5)
    assert not SharpeningCNN(2)(*inputs).any()
    assert network()(*inputs).shape == (1, 1, 12, 10)


@pytest.mark.parametrize("blocks", [0, 2])
def test_it_looks_as_far_as_it_says(blocks):
    made = network(blocks=blocks)
    size = 2 * made.context + 9
    inputs = list(example_inputs(sharpener_contract(), size, size))
    before = made(*inputs)
    for image, scale in zip(inputs[:3], (2, 2, 1)):
        image[..., : 4 * scale, : 4 * scale] += 0.3
    changed = (made(*inputs) - before).abs()[0, 0] > 1e-7
    reach = 2 * (4 + made.context)
    assert not changed[reach:].any() and not changed[:, reach:].any()
    assert changed[reach - 2 : reach].any()


def test_brightness_does_not_matter_but_band_and_blur_do():
    made = network()
    guides, regression, coarse, band, blur = example_inputs(sharpener_contract(), 12, 12)
    result = made(guides, regression, coarse, band, blur)
    torch.testing.assert_close(
        made(guides + 0.2, regression + 0.1, coarse + 0.1, band, blur), result, atol=2e-4, rtol=0
    )
    assert not torch.allclose(made(guides, regression, coarse, 1 - band, blur), result, atol=1e-5)
    assert not torch.allclose(made(guides, regression, coarse, band, blur + 0.1), result, atol=1e-5)
