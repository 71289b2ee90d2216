# SPDX-License-Identifier: GPL-2.0-or-later
"""`python -m training`."""

from .cli import main

raise SystemExit(main())
