"""Folders in object stores and on disk: where they are, how to sign in, what is in them."""
