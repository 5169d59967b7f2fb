"""Prints what pydicom reads of each file named on standard input: one line of JSON per file, bulk values by their length."""

import json
import sys
import warnings

import pydicom
from pydicom import config
from pydicom.sequence import Sequence

warnings.simplefilter("ignore")
config.INVALID_KEYWORD_BEHAVIOR = "IGNORE"


def plain(element):
    """One element as DICOM JSON; what pydicom cannot say as such is told apart by its error."""
    if element.VR == "SQ":
        items = [data_set(item) for item in element.value]
        return {"vr": "SQ", "Value": items} if items else {"vr": "SQ"}
    if element.VR in ("OB", "OD", "OF", "OL", "OV", "OW", "UN") and element.value is not None:
        value = element.value
        if isinstance(value, bytes) and len(value) > 1024:
            return {"vr": element.VR, "bulk": len(value)}
    try:
        return element.to_json_dict(lambda _: "bulk", 1 << 62)
    except Exception as error:
        return {"vr": element.VR, "error": type(error).__name__}


def data_set(source):
    result = {}
    for tag in sorted(source.keys()):
        if tag.element == 0:
            continue
        try:
            element = source[tag]
            result["%08X" % tag] = plain(element)
        except Exception as error:
            result["%08X" % tag] = {"error": type(error).__name__}
    return result


for line in sys.stdin:
    path = line.rstrip("\n")
    try:
        answer = {"dataSet": data_set(pydicom.dcmread(path, force=True))}
    except Exception as error:
        answer = {"error": "%s: %s" % (type(error).__name__, error)}
    print(json.dumps(answer), flush=True)
