"""The report of the lesson, and the page for students."""

from __future__ import annotations

from pathlib import Path

from spikeproof_reports.lesson.content import lesson_content
from spikeproof_reports.lesson.page import PAGE, lesson_page
from spikeproof_reports.lesson.record import LessonRecord
from spikeproof_reports.paper.content import Content
from spikeproof_reports.paper.files import write_text
from spikeproof_reports.paper.folder import renewed
from spikeproof_reports.paper.together import write_all


def write_lesson_report(record: LessonRecord, folder: Path) -> Content:
    """The report, after its documents, tables and figures were written to `folder`."""
    content = lesson_content(record)
    with renewed(folder, "lesson", "report") as new:
        write_text(new / PAGE, lesson_page(record))
        write_all(content, new)  # last: it lists all files
    return content
