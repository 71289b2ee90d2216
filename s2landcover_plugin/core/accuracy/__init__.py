# SPDX-License-Identifier: GPL-2.0-or-later
"""How far a map agrees with a reference, and the report that says so."""
