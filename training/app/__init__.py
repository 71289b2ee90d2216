# SPDX-License-Identifier: GPL-2.0-or-later
"""A page for trying a model on an image, in the browser of the same machine."""
