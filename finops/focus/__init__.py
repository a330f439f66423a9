"""Bills of any FOCUS version as rows of the newest: schema, conforming, dimensions. Pure but for reading the parts."""
