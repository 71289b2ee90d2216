# SPDX-License-Identifier: GPL-2.0-or-later
"""The explanations of the page on sharpening quality."""

from __future__ import annotations

from ..pages.text import UNDEFINED

PROTOCOL = (
    "Nobody knows what the scene's 20 m and 60 m bands look like at 10 m. So everything is measured one scale down, "
    "where the truth is there (Wald's protocol): the bands and the 10 m bands are degraded by the same ratio, the "
    "methods restore the bands, and the originals are what they should be. What degrades is a Gaussian of {blur:g} "
    "pixels of the coarser grid, about the response of Sentinel-2's sensor; no method is told, each has to estimate "
    "it. The windows lie on a regular lattice over the part of the scene that holds data."
)

CAVEATS = (
    "They are figures of a scale coarser than that of your result, at which small structures such as lanes and houses "
    "weigh differently. Use them to compare methods, bands and scenes; they are not the error of a pixel at 10 m. "
    "Another blur would give other figures.",
    "Consistency is the only figure at full scale, and needs no truth: a sharpened band, degraded, should give back "
    "the band as it was delivered. A low figure is necessary for a good result, but does not make one. The blur is the "
    "one estimated for the scene; cubic resampling, which restores none of the lost detail, blurs a second time.",
    "Pixels next to missing data are left out. Clouds are measured like any other ground, also where the scene "
    "classification masks them in the result.",
)

TERMS = (
    ("RMSE", "Root mean square error, reflectance x 10000: 100 is one per cent of reflectance. 0 at best."),
    ("Q", "Universal quality index: correlation, brightness and contrast in blocks of 20 pixels a side. 1 at best."),
    ("ERGAS", "Relative error over all bands, in per cent, scaled by the ratio of pixel sizes. 0 at best."),
    ("Spectral angle", "Angle between the spectra of a pixel and its original, degrees. 0 at best; none for one band."),
    ("Consistency", "RMSE between the sharpened band, degraded again, and the band as delivered. 0 at best."),
    (UNDEFINED, "Undefined: there was nothing to compare, or no contrast. It is not zero, and means leave it out."),
)

SOURCES = (
    (
        "Wald, Ranchin and Mangolini 1997: Fusion of satellite images of different spatial resolutions.",
        "https://hal.science/hal-00365304",
    ),
    (
        "Vivone et al. 2015: A critical comparison among pansharpening algorithms.",
        "https://doi.org/10.1109/TGRS.2014.2361734",
    ),
    ("Wang and Bovik 2002: A universal image quality index.", "https://doi.org/10.1109/97.995823"),
    (
        "Gascon et al. 2017: Copernicus Sentinel-2A calibration and products validation.",
        "https://doi.org/10.3390/rs9060584",
    ),
)


def method_name(method: str) -> str:
    """Return what a method is called on the page."""
    return "Cubic" if method == "none" else method.capitalize()
