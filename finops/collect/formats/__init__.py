"""What a file's bytes hold: rows of CSV, Parquet or JSON lines, and which format its columns are."""
