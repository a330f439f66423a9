"""Drawings of the days behind a verdict: the same picture in pages, mails and statements."""
