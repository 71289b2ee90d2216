# SPDX-License-Identifier: GPL-2.0-or-later
"""Networks from reflectance to class scores."""
