"""Work on the large tables as pieces that a cluster carries out."""
