# SPDX-License-Identifier: GPL-2.0-or-later
"""Looking at dataset folders before hours are spent on them."""
