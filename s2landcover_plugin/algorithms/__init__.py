# SPDX-License-Identifier: GPL-2.0-or-later
"""Processing algorithms: thin adapters over `core`, one file each."""

from .accuracy import AccuracyAlgorithm
from .alignlabels import AlignLabelsAlgorithm
from .change import ChangeAlgorithm
from .classify import ClassifyAlgorithm
from .download import DownloadAlgorithm
from .installruntime import InstallRuntimeAlgorithm
from .modelinfo import ModelInfoAlgorithm
from .pansharpen import PansharpenAlgorithm
from .refine import RefineAlgorithm
from .samplepoints import SamplePointsAlgorithm
from .status import StatusAlgorithm
from .tile import TileAlgorithm
from .vectorise import VectoriseAlgorithm

ALGORITHMS = (
    DownloadAlgorithm,
    PansharpenAlgorithm,
    AlignLabelsAlgorithm,
    TileAlgorithm,
    ClassifyAlgorithm,
    RefineAlgorithm,
    VectoriseAlgorithm,
    SamplePointsAlgorithm,
    AccuracyAlgorithm,
    ChangeAlgorithm,
    ModelInfoAlgorithm,
    StatusAlgorithm,
    InstallRuntimeAlgorithm,
)
"""Everything that the provider offers."""
