# SPDX-License-Identifier: GPL-2.0-or-later
"""Training a network that corrects what regression makes of the 20 m bands.

Any scene teaches it: its bands and guides are degraded by a random blur, restored by regression, and the network learns
what the result lacks of the original (Wald's protocol).
"""
