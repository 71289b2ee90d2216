# SPDX-License-Identifier: GPL-2.0-or-later
"""Pages that stand alone: HTML with inline drawings that needs no network, no script and no other file."""
