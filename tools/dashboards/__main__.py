"""Writes the files anew."""

from tools.dashboards.generate import FOLDER, files

if __name__ == "__main__":
    for name, content in files().items():
        (FOLDER / name).write_bytes(content)
