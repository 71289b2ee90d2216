# SPDX-License-Identifier: GPL-2.0-or-later
"""A trained model as one ONNX file."""
