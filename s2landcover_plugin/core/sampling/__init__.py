# SPDX-License-Identifier: GPL-2.0-or-later
"""Probability samples of a class map, to be labelled and to estimate its accuracy from."""
