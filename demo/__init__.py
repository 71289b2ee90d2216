# SPDX-License-Identifier: GPL-2.0-or-later
"""A sample scene whose classes are known, and the main job on it from end to end. Not part of the plugin."""
