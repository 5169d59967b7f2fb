"""Reads each file named on standard input to its last attribute; prints one line of JSON a file: what is wrong with it."""

import json
import sys
import warnings

import pydicom

warnings.simplefilter("ignore")


def wrongs(path):
    found = []
    data_set = pydicom.dcmread(path)
    for element in data_set.iterall():
        if element.tag.is_private:
            found.append(f"{element.tag} is private")
    if data_set.get("PatientIdentityRemoved") != "YES":
        found.append("it does not say that the identity is removed")
    codes = [item.CodeValue for item in data_set.get("DeidentificationMethodCodeSequence", [])]
    if codes != ["113100"]:
        found.append(f"its method is {codes}")
    if data_set.get("SOPInstanceUID") != data_set.file_meta.MediaStorageSOPInstanceUID:
        found.append("its File Meta Information names another instance")
    return found


for line in sys.stdin:
    path = line.rstrip("\n")
    try:
        print(json.dumps(wrongs(path)))
    except Exception as error:
        print(json.dumps([f"{type(error).__name__}: {error}"]))
