# SPDX-License-Identifier: GPL-2.0-or-later
"""Order and seeds follow from run, epoch and device."""

from __future__ import annotations

import pytest

from training.data.order import EpochOrder, epoch_seed


def test_every_argument_counts_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    seeds = []
    for run in ("0", "1"):
        monkeypatch.setenv("PL_GLOBAL_SEED", run)
        seeds += [epoch_seed(epoch, rank) for epoch in (0, 1) for rank in (0, 1)]
    assert len(set(seeds)) == 8
    monkeypatch.delenv("PL_GLOBAL_SEED")
    assert epoch_seed(0) == seeds[0]


def test_order_is_another_in_every_epoch_and_repeats() -> None:
    epoch = 0
    order = EpochOrder(20, lambda: epoch)
    first, again = list(order), list(order)
    epoch = 1
    second = list(order)
    assert first == again != second
    assert sorted(first) == sorted(second) == list(range(20))
    assert len(order) == 20
