# SPDX-License-Identifier: GPL-2.0-or-later
"""A raster and a model to a class map, in one streaming pass."""
