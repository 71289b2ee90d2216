# SPDX-License-Identifier: GPL-2.0-or-later
"""What a trained model is worth, by place."""
