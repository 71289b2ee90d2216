# SPDX-License-Identifier: GPL-2.0-or-later
"""The product itself: numpy in, numpy out, files through `core.raster`; imports neither qgis, Qt nor torch."""
