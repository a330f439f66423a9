"""What a row says of AI, in columns that every bill has: model, tier, kind of token, number of text tokens."""

from finops.focus.ai.columns import AI_COLUMNS, ai_columns

__all__ = ["AI_COLUMNS", "ai_columns"]
