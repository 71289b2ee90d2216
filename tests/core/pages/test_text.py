# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

import pytest

from s2landcover_plugin.core.pages.text import UNDEFINED, decimal, percent, short_count


@pytest.mark.parametrize(
    ("value", "text"),
    [
        *((0, "0"), (9999, "9 999"), (99_999, "99 999"), (123_456, "123 k"), (999_600, "1000 k")),
        *((4_561_000, "4.56 M"), (120_560_400, "121 M"), (3_000_000_000, "3 G")),
    ],
)
def test_counts_are_short(value, text):
    assert short_count(value).replace("\u202f", " ") == text


def test_undefined_figures_are_a_dash():
    assert (percent(None), decimal(None), decimal(-0.25)) == (UNDEFINED, UNDEFINED, "\u22120.250")
