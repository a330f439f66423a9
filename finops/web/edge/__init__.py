"""Before any handler: who is calling, what they may do, how large a request may be, and where it came from."""
