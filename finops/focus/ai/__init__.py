"""What a row says of AI, in three columns that every bill has: the model, the kind of token, the number of tokens."""

from finops.focus.ai.columns import AI_COLUMNS, ai_columns

__all__ = ["AI_COLUMNS", "ai_columns"]
