# SPDX-License-Identifier: GPL-2.0-or-later
"""Datasets as batches of tensors."""
