# SPDX-License-Identifier: GPL-2.0-or-later
from __future__ import annotations

from s2landcover_plugin.core.pages.page import html_document, page_footer, page_header, page_notes
from tests.html_page import Page

HOSTILE = '<script>alert("x")</script>'


def test_plain_texts_stay_texts_and_nothing_is_loaded():
    sections = (
        page_header(HOSTILE, HOSTILE, HOSTILE),
        page_notes([HOSTILE]),
        "",
        page_footer("2024-05-01", {HOSTILE: HOSTILE}),
    )
    page = Page(html_document(HOSTILE, sections))
    assert "script" not in page.tags
    assert page.text.count(HOSTILE) == 7
    assert not {"src", "href"} & {name for name, _ in page.attributes}


def test_no_notes_make_no_box():
    assert page_notes([]) == ""
