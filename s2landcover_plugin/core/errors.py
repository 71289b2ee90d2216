# SPDX-License-Identifier: GPL-2.0-or-later
"""What can go wrong with a user's input, as exceptions with one root.

Every message is one or two sentences that say what was found, what was expected and what to do about it. They are shown
to users as they are.
"""

from __future__ import annotations

from collections.abc import Sequence


class LandCoverError(Exception):
    """Root of every error that this package raises on purpose."""


class InputError(LandCoverError, ValueError):
    """A parameter or an input that cannot be used as given."""


class RasterError(LandCoverError, OSError):
    """A raster file that cannot be opened, read or written."""


class GridError(InputError):
    """Rasters that do not fit onto one another, or a grid that cannot be used."""


class BandError(InputError):
    """Bands that are missing, ambiguous or in the wrong number."""


class ProductError(InputError):
    """A Sentinel-2 product that is incomplete or not what it claims to be."""


class ModelError(InputError):
    """A model file that cannot be run, or whose contract is missing or broken."""


class ContractError(ModelError):
    """A model's contract with at least one problem.

    Attributes:
        problems: all of them, a sentence each; the message shows the first.
    """

    def __init__(self, finding: str, problems: Sequence[str]) -> None:
        self.problems = tuple(f"{finding}: {problem}" for problem in problems)
        further = len(problems) - 1
        hint = f" ('Describe a model' lists {further} more.)" if further else ""
        super().__init__(self.problems[0] + hint)


class DatasetError(InputError):
    """A training data folder that does not follow the dataset contract."""


class OutputError(LandCoverError, OSError):
    """A result that cannot be written where it was asked for."""


class ServiceError(LandCoverError, OSError):
    """A service on the network that cannot be reached, or that answers otherwise than it should."""


class AccessError(ServiceError):
    """Credentials that are missing, or that a service does not accept."""


class DependencyError(LandCoverError, ImportError):
    """An optional package that is needed now and is not installed; the message carries the command that adds it."""


class Cancelled(LandCoverError):
    """The user asked to stop. Outputs of the run do not exist."""

    def __init__(self) -> None:
        super().__init__("Cancelled. No output was written.")
