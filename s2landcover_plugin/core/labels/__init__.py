# SPDX-License-Identifier: GPL-2.0-or-later
"""Labels of any origin brought onto an image's grid."""
