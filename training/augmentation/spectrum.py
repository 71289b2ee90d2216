# SPDX-License-Identifier: GPL-2.0-or-later
"""What the bands of a dataset are like, and how air and sky colour them."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor

from s2landcover_plugin.core.bands import BANDS
from s2landcover_plugin.core.tiling.dataset import DatasetInfo
from s2landcover_plugin.core.tiling.storage import STORED

_BLUE = 490.0
_CIRRUS = "B10"
_HIGHEST_REFLECTANCE = 1.6
_SKY_SHARE, _SKY_EXPONENT = 0.3, -1.5


@dataclass(frozen=True)
class Spectrum:
    """The bands of a dataset.

    Attributes:
        wavelengths: of each band relative to blue light of 490 nm; all 1 for images of unknown bands.
        aired: 1 for each band that sees the air near the ground, 0 for the cirrus band, whose light water vapour takes.
        means: of each band in the training tiles, reflectance.
        highest: what no value exceeds: full scale in stored bytes; otherwise the reflectance of the brightest clouds.
    """

    wavelengths: tuple[float, ...]
    aired: tuple[float, ...]
    means: tuple[float, ...]
    highest: float = _HIGHEST_REFLECTANCE

    @classmethod
    def of(cls, info: DatasetInfo) -> Spectrum:
        """Return the spectrum of a dataset.

        Raises:
            DatasetError: if the statistics of a band are missing.
        """
        means = tuple(band.mean for band in info.band_statistics)
        if info.values == STORED:
            return cls((1.0,) * len(means), (1.0,) * len(means), means, 1.0)
        wavelengths = tuple(BANDS[band].wavelength / _BLUE for band in info.bands)
        return cls(wavelengths, tuple(float(band != _CIRRUS) for band in info.bands), means)

    def scattering(self, exponents: Tensor) -> Tensor:
        """Return the path reflectance over that at 490 nm, shape (batch, bands, 1, 1).

        It falls with a power of the wavelength: -0.5 in very hazy air, -2 in clear air. Chavez (1988),
        https://doi.org/10.1016/0034-4257(88)90019-3.

        Args:
            exponents: shape (batch, 1, 1, 1).
        """
        return self._by_band(exponents, self.wavelengths) ** exponents * self._by_band(exponents, self.aired)

    def sky_light(self, like: Tensor) -> Tensor:
        """Return the share of light that comes from the sky and reaches shadows, shape (1, bands, 1, 1), 0-1.

        About 0.3 in blue and 0.05 at 1600 nm, close to a clear sky with the sun halfway up. Bird and Riordan (1986),
        https://doi.org/10.1175/1520-0450(1986)025<0087:SSSMFD>2.0.CO;2.
        """
        return (_SKY_SHARE * self._by_band(like, self.wavelengths) ** _SKY_EXPONENT).clamp_max(1.0)

    def mean_image(self, like: Tensor) -> Tensor:
        """Return the means, shape (1, bands, 1, 1), on the device of another tensor."""
        return self._by_band(like, self.means)

    @staticmethod
    def _by_band(like: Tensor, values: tuple[float, ...]) -> Tensor:
        return like.new_tensor(values).reshape(1, -1, 1, 1)
