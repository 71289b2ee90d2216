# SPDX-License-Identifier: GPL-2.0-or-later
"""The subcommands of `python -m training`: each declares its options and calls one function."""
