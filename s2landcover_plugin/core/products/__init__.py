# SPDX-License-Identifier: GPL-2.0-or-later
"""Sentinel-2 products as users have them: SAFE folders, loose bands."""
