# SPDX-License-Identifier: GPL-2.0-or-later
"""Sharpening: Wald's protocol (degrade, restore, compare with the original) on real scenes, under several blurs.

Bicubic, Brovey and local regression side by side, in reflectance x 10000. No method is told the blur. Needs the real
scenes beside the checkout. Run it with `make bench NAME=sharpening`. A sharpening network stands beside them if one
comes with the plugin or is named: `make bench NAME=sharpening NETWORK=my-sharpener.onnx`; it is judged on the scenes
that it did not learn from.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from benchmarks._bars import Bar
from s2landcover_plugin.core.bands import BANDS, GUIDE_BANDS
from s2landcover_plugin.core.products.product import Product, open_product
from s2landcover_plugin.core.progress import SilentProgress
from s2landcover_plugin.core.raster import open_raster
from s2landcover_plugin.core.sharpening.fitting import fit_bands
from s2landcover_plugin.core.sharpening.indices import Deviation
from s2landcover_plugin.core.sharpening.learned import fit_learned
from s2landcover_plugin.core.sharpening.methods import sharpen
from s2landcover_plugin.core.sharpening.multiresolution import degrade
from s2landcover_plugin.core.sharpening.network import SharpeningNetwork, bundled_sharpener, load_sharpener
from s2landcover_plugin.core.sharpening.patch import Patch

ENVIRONMENT = "training"

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
BOX = 0.0
BLURS = (BOX, 0.35, 0.43, 0.5, 0.65)
"""Degradations: a box average, and Gaussians by their standard deviation in coarse pixels."""

METHODS = {"none": "bicubic", "brovey": "brovey", "regression": "regression", "learned": "learned"}
Images = NDArray[np.float32]


@dataclass(frozen=True)
class Score:
    """How far a restored image is from the original, over all bands; every figure is 0 for a perfect one.

    Attributes:
        rmse: root mean square error, mean over bands, reflectance x 10000.
        ergas: relative error of all bands, percent.
        sam: mean spectral angle, degrees.
        q: one minus the universal quality index, mean over bands.
    """

    rmse: float
    ergas: float
    sam: float
    q: float


def main() -> int:
    """Measure everything, print the table and the bars; return the exit code."""
    if not DATA.is_dir():
        print(f"This benchmark needs the real scenes in {DATA}.", file=sys.stderr)
        return 2
    farmland = open_product([str(path) for path in sorted((DATA / "l1c_multires_T33UUB").glob("*.tif"))])
    patches = [open_product([str(folder)]) for folder in sorted((DATA / "bigearthnet_tiny").iterdir())]
    print(f"{'scene':36}{'blur':>6}{'method':>12}{'RMSE':>8}{'ERGAS':>8}{'SAM':>8}{'1-Q':>8}")
    network = named_network()
    bars = [*farmland_bars(farmland), *sixty_metre_bars(farmland)]
    for gsd, reduction in ((20, 2), (60, 3)):
        bars += [*patch_bars(patches, gsd, reduction), full_scale_bar([farmland, *patches], gsd)]
    if network:
        bars += network_bars(network, [farmland, *patches])
    print()
    for bar in bars:
        print(bar)
    return 0


def named_network() -> SharpeningNetwork | None:
    """Return the network to compare, if there is one."""
    path = os.environ.get("NETWORK", "") or bundled_sharpener()
    return load_sharpener(str(path)) if path else None


def network_bars(network: SharpeningNetwork, products: list[Product]) -> Iterator[Bar]:
    """Restore the 20 m bands of every scene that a network did not learn from; means over scenes and blurs."""
    unseen = [product for product in products if product.name not in network.contract.provenance.get("data", "")]
    if not unseen:
        print("The network learnt from every one of these scenes, so it is not judged on them.")
        return
    results = [restored(product, 20, 2, blur, network) for product in unseen for blur in BLURS]
    ratios = [scores["learned"].rmse / scores["regression"].rmse for scores, _ in results]
    yield Bar("unseen-20m-learned-rmse-over-regression", float(np.mean(ratios)), 0.8)
    yield Bar("unseen-20m-learned-consistency-rmse", max(inconsistency for _, inconsistency in results), 2.0)


def farmland_bars(product: Product) -> Iterator[Bar]:
    """Restore the 20 m bands of the farmland scene under every blur."""
    consistency = 0.0
    for blur in BLURS:
        scores, inconsistency = restored(product, 20, 2, blur)
        limit = 0.35 if blur == 0.5 else 0.6
        yield Bar(
            f"farmland-20m-rmse-over-bicubic-{named(blur)}", scores["regression"].rmse / scores["none"].rmse, limit
        )
        consistency = max(consistency, inconsistency)
    yield Bar("farmland-20m-consistency-rmse", consistency, 2.0)


def sixty_metre_bars(product: Product) -> Iterator[Bar]:
    """Restore the 60 m bands from 180 m, the guides degraded to 30 m: the same factor of six."""
    for blur in BLURS:
        scores, _ = restored(product, 60, 3, blur)
        yield Bar(f"farmland-60m-rmse-over-bicubic-{named(blur)}", scores["regression"].rmse / scores["none"].rmse, 0.6)


def patch_bars(products: list[Product], gsd: int, reduction: int) -> Iterator[Bar]:
    """Restore the bands of one resolution of every patch; each figure is the worst over patches and blurs."""
    worst: dict[str, float] = {}
    consistency = 0.0
    for product in products:
        for blur in BLURS:
            scores, inconsistency = restored(product, gsd, reduction, blur)
            consistency = max(consistency, inconsistency)
            for other in ("none", "brovey"):
                for figure in ("rmse", "ergas", "sam", "q"):
                    name = f"patches-{gsd}m-worst-{figure}-over-{METHODS[other]}"
                    ratio = getattr(scores["regression"], figure) / getattr(scores[other], figure)
                    worst[name] = max(worst.get(name, 0.0), ratio)
    yield from (Bar(name, figure, 1.0) for name, figure in worst.items())
    yield Bar(f"patches-{gsd}m-consistency-rmse", consistency, 2.0)


def full_scale_bar(products: list[Product], gsd: int) -> Bar:
    """Sharpen the bands of one resolution as they are; the largest inconsistency of a band of any scene."""
    worst = 0.0
    for product in products:
        bands = [band for band in product.bands if BANDS[band].gsd == gsd]
        guides = reflectance(product, GUIDE_BANDS)
        patches = [Patch.of(band, guides, gsd // 10) for band in reflectance(product, tuple(bands))]
        for patch, fit in zip(patches, fit_bands([[patch] for patch in patches])):
            worst = max(worst, inconsistent(sharpen(patch, "regression", fit), patch, fit.sigma))
    return Bar(f"full-scale-{gsd}m-consistency-rmse", worst, 2.0)


def inconsistent(image: Images, patch: Patch, sigma: float) -> float:
    """Return the RMSE between a sharpened band, degraded, and what it was made from, reflectance x 10000."""
    again = degrade(image, patch.factor, sigma)
    return 1e4 * float(np.sqrt(np.mean((again - patch.coarse) ** 2)))


def restored(
    product: Product, gsd: int, reduction: int, blur: float, network: SharpeningNetwork | None = None
) -> tuple[Mapping[str, Score], float]:
    """Degrade a product's bands of one resolution and its guides, restore them, and compare.

    Args:
        product: the scene.
        gsd: native resolution of the bands to restore, metres.
        reduction: how many times everything is coarsened.
        blur: of the degradation; see `BLURS`.
        network: for the method `learned`, which is left out without one.

    Returns:
        A score a method, and the largest RMSE of a band between the sharpened result (that of the network if there is
        one, else of regression), degraded by the blur that was estimated, and what it was made from; reflectance x
        10000.
    """
    factor = gsd // 10
    step = reduction * factor
    bands = [band for band in product.bands if BANDS[band].gsd == gsd]
    truth, guides = reflectance(product, tuple(bands)), reflectance(product, GUIDE_BANDS)
    rows, cols = (size * factor // step * step for size in truth.shape[1:])
    truth, guides = truth[:, : rows // factor, : cols // factor], guides[:, :rows, :cols]
    fine, coarse = degraded(guides, reduction, blur), degraded(truth, reduction, blur)
    # Restored bands of 60 m come at 30 m: brought back to 60 m by their mean, they are compared there.
    shrink = factor // reduction
    judged = "learned" if network else "regression"
    results: dict[str, list[Images]] = {method: [] for method in METHODS if network or method != "learned"}
    inconsistency = 0.0
    patches = [Patch.of(band, fine, factor) for band in coarse]
    samples = [[patch] for patch in patches]
    fits = fit_bands(samples)
    if network:
        fits = fit_learned(network, bands, samples, fits, SilentProgress())
    for patch, fit in zip(patches, fits):
        for method, images in results.items():
            image = sharpen(patch, method, fit)
            images.append(degraded(image, shrink, BOX))
            if method == judged:
                inconsistency = max(inconsistency, inconsistent(image, patch, fit.blur(method)))
    scores = {method: score(truth, np.stack(images), factor) for method, images in results.items()}
    for method, each in scores.items():
        figures = "".join(f"{value:8.3f}" for value in (each.rmse, each.ergas, each.sam, each.q))
        print(f"{product.name[:28] + f' {gsd} m':36}{named(blur):>6}{METHODS[method]:>12}{figures}")
    return scores, inconsistency


def reflectance(product: Product, bands: tuple[str, ...]) -> Images:
    """Read bands of one resolution whole; shape (bands, rows, cols)."""
    planes = []
    for band in bands:
        source = product.bands[band]
        with open_raster(source.path) as raster:
            planes.append(source.radiometry.to_reflectance(raster.read(bands=[source.index])[0]))
    return np.stack(planes)


def degraded(images: Images, factor: int, blur: float) -> Images:
    """Coarsen images by a box average, or by a Gaussian sampled at the coarse centres.

    Written out as plain matrices, apart from the package's own degradation, so that the two check one another.
    """
    return np.asarray(
        weights(images.shape[-2], factor, blur) @ images @ weights(images.shape[-1], factor, blur).T, dtype=np.float32
    )


def weights(size: int, factor: int, blur: float) -> NDArray[np.float64]:
    """Return the share of every fine pixel in every coarse one along an axis; rows add up to 1."""
    fine = (np.arange(size) + 0.5) / factor
    coarse = np.arange(size // factor) + 0.5
    apart = np.abs(fine[None] - coarse[:, None])
    share = (apart < 0.5).astype(float) if blur == BOX else np.exp(-0.5 * (apart / blur) ** 2)
    return np.asarray(share / share.sum(axis=1, keepdims=True))


def score(truth: Images, image: Images, ratio: int) -> Score:
    """Compare images of shape (bands, rows, cols), reflectance."""
    deviation = Deviation.of(truth, image)
    return Score(
        rmse=1e4 * float(deviation.rmse.mean()),
        ergas=deviation.ergas(ratio),
        sam=deviation.sam,
        q=1 - float(deviation.q.mean()),
    )


def named(blur: float) -> str:
    """Return what a degradation is called in the output."""
    return "box" if blur == BOX else f"{blur:g}"


if __name__ == "__main__":
    sys.exit(main())
