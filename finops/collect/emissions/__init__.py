"""Where emissions come from."""

from finops.collect.emissions.csv_file import CsvEmissions, CsvEmissionsOptions

__all__ = ["CsvEmissions", "CsvEmissionsOptions"]
