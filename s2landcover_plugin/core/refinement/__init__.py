# SPDX-License-Identifier: GPL-2.0-or-later
"""Making a class map calmer: spatial context and a minimum mapping unit, without ever inventing a class."""
