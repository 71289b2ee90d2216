# SPDX-License-Identifier: GPL-2.0-or-later
"""What Lightning says that tells a user nothing: advertising, hardware that nobody asked for, its own deprecations."""

from __future__ import annotations

import logging
import warnings

_LOG = "lightning.pytorch.utilities.rank_zero"
_SILENT_STARTS = ("TPU available", "💡 Tip", "Loading `train_dataloader` to estimate")

_SILENT_WARNINGS = (
    # It was not left to read sys.argv itself, which is how it is meant here.
    "LightningCLI's args parameter",
    r"`isinstance\(treespec, LeafSpec\)` is deprecated",
    # The sum is logged at each epoch in any case.
    "smaller than the logging interval",
    "is not supported by the model summary",
)
# A test goes on with nothing, and the checkpoint's weights are the averaged ones.
_SILENT_IN_TESTS = (
    "using the WeightAveraging callback, but loading a checkpoint outside",
    "The dirpath has changed from",
    "callbacks used to create the checkpoint need to be provided",
)


def silence(command: str) -> None:
    """Keep such messages back while `fit` or `test` runs; all other warnings are shown."""
    for part in (*_SILENT_WARNINGS, *(_SILENT_IN_TESTS if command == "test" else ())):
        warnings.filterwarnings("ignore", message=f".*{part}")
    logging.getLogger(_LOG).addFilter(_is_of_use)


def _is_of_use(record: logging.LogRecord) -> bool:
    return not record.getMessage().startswith(_SILENT_STARTS)
