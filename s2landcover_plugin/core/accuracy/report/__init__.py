# SPDX-License-Identifier: GPL-2.0-or-later
"""An assessment as files: a page to read, a table to calculate with, a document for programs; the same numbers in all.

`docs/accuracy.md` describes the columns and keys, which stay what they are once released.
"""

from .files import report_document, write_csv, write_html, write_json

__all__ = ["report_document", "write_csv", "write_html", "write_json"]
