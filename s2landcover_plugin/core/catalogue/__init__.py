# SPDX-License-Identifier: GPL-2.0-or-later
"""Finding Sentinel-2 scenes in a catalogue (STAC API) and downloading them."""
