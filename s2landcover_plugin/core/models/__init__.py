# SPDX-License-Identifier: GPL-2.0-or-later
"""Model files: what they say about themselves, and running them."""
