# SPDX-License-Identifier: GPL-2.0-or-later
"""Search for the options that train best, with Ray Tune."""
