"""Prints what pydicom reads of the answers to queries in the files named: one line of JSON per file."""

import json
import sys
import warnings

import pydicom

warnings.simplefilter("error")

for path in sys.argv[1:]:
    # findscu writes the bare data set of a response.
    answer = pydicom.dcmread(path, force=True)
    terms = answer.get("SpecificCharacterSet")
    told = {
        "characterSet": None if terms is None else terms if isinstance(terms, str) else "\\".join(terms),
        "study": answer.get("StudyInstanceUID"),
        "accession": answer.get("AccessionNumber"),
        "name": str(answer.get("PatientName", "")),
        "description": answer.get("RequestedProcedureDescription"),
    }
    print(json.dumps(told))
