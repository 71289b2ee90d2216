# SPDX-License-Identifier: GPL-2.0-or-later
"""Offline training of the models that the plugin runs: torch and lightning in, one ONNX file with its contract out."""
