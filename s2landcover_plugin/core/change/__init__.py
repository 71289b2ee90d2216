# SPDX-License-Identifier: GPL-2.0-or-later
"""What two class maps of one place say has become what."""
