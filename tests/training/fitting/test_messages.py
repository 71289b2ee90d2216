# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import warnings

import pytest
from lightning.pytorch.utilities import rank_zero_info

from training.fitting.messages import silence

LOG = "lightning.pytorch.utilities.rank_zero"


@pytest.mark.parametrize(("command", "shown"), [("fit", 2), ("test", 1)])
def test_only_what_tells_nothing_is_kept_back(command: str, shown: int) -> None:
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        silence(command)
        warnings.warn("The number of training batches (1) is smaller than the logging interval", stacklevel=1)
        warnings.warn("The dirpath has changed from 'a' to 'b'", stacklevel=1)
        warnings.warn("The loss is not a number", stacklevel=1)
    assert len(heard) == shown and "not a number" in str(heard[-1].message)


def test_logs(caplog: pytest.LogCaptureFixture) -> None:
    silence("fit")
    with caplog.at_level("INFO", logger=LOG):
        rank_zero_info("TPU available: False, using: 0 TPU cores")
        rank_zero_info("GPU available: True (cuda), used: True")
    said = [record.getMessage() for record in caplog.records if record.name == LOG]
    assert said == ["GPU available: True (cuda), used: True"]
