"""The monthly statement as a page, a workbook and a table for programs."""

from finops_exporters.statement.html import StatementHtml
from finops_exporters.statement.table import StatementCsv
from finops_exporters.statement.workbook import StatementXlsx

__all__ = ["StatementCsv", "StatementHtml", "StatementXlsx"]
