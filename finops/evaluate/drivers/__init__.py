"""What drove a change of cost: which services, accounts, regions and resources, and by volume, price or mix."""

from finops.evaluate.drivers.drive import Drive, drive

__all__ = ["Drive", "drive"]
