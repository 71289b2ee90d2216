# SPDX-License-Identifier: GPL-2.0-or-later
"""Adding onnxruntime to a folder of QGIS's profile, when the user asks for it, and leaving QGIS's NumPy as it is."""
