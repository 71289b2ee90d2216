# SPDX-License-Identifier: GPL-2.0-or-later
from s2landcover_plugin.core.sharpening.quality import (
    BandFigures,
    Headline,
    MethodFigures,
    Quality,
    ResolutionQuality,
)


def resolution(gsd, *methods):
    return ResolutionQuality(gsd, 2 * gsd, 20, 0.4, 100, methods)


def test_a_headline_is_the_mean_over_bands_and_the_worst_consistency():
    fine = MethodFigures(
        "none",
        (BandFigures("B05", 10, 0.9, 1.0), BandFigures("B11", 30, None, 3.0), BandFigures("B12", 20, 0.7, 2.0)),
        4.0,
        2.0,
    )
    coarse = MethodFigures("none", (BandFigures("B01", 40, 0.5, None),), 8.0, None)
    quality = Quality("none", 1, (resolution(20, fine), resolution(60, coarse)))
    assert quality.methods == ("none",)
    assert quality.headline("none") == Headline(25.0, 5.0, 2.0, (0.9 + 0.7 + 0.5) / 3, 3.0)


def test_nothing_measured_gives_no_figures():
    quality = Quality("regression", 0, (), ("why",))
    assert quality.methods == ()
    assert quality.headline("regression") == Headline(None, None, None, None, None)
