"""YAML files with places: what a file says, where it says it, and every fault at once."""

from finops.documents.fault import Fault, OptionFault, did_you_mean, nearest
from finops.documents.inside import place_inside
from finops.documents.validate import validate
from finops.documents.wrong_value import wrong_value
from finops.documents.yaml_file import Document, load_documents, parse_documents

__all__ = [
    "Document",
    "Fault",
    "OptionFault",
    "did_you_mean",
    "load_documents",
    "nearest",
    "parse_documents",
    "place_inside",
    "validate",
    "wrong_value",
]
