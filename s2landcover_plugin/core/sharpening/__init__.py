# SPDX-License-Identifier: GPL-2.0-or-later
"""Bringing every band to 10 m."""
