# SPDX-License-Identifier: GPL-2.0-or-later
"""Images and labels to a dataset folder for training."""
