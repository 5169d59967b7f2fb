"""Prints what pydicom reads of the file-set in a folder: one JSON object of SOP Instance UID to the file's own."""

import json
import sys
import warnings

import pydicom
from pydicom.fileset import FileSet

warnings.simplefilter("ignore")

found = {}
for instance in FileSet(pydicom.dcmread(sys.argv[1])):
    file = pydicom.dcmread(instance.path, stop_before_pixels=True)
    found[str(instance.SOPInstanceUID)] = {
        "file": str(file.SOPInstanceUID),
        "patient": str(instance.PatientName) == str(file.get("PatientName", "")),
        "study": str(instance.StudyInstanceUID) == str(file.StudyInstanceUID),
        "series": str(instance.SeriesInstanceUID) == str(file.SeriesInstanceUID),
    }
print(json.dumps(found))
