# SPDX-License-Identifier: GPL-2.0-or-later
"""Random changes to training batches that leave the land cover what it is."""
