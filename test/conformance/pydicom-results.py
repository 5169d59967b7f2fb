"""Makes of each de-identified file named on standard input what a computation would make of it: a secondary capture and a report, beside it."""

import datetime
import sys

import pydicom
from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.sequence import Sequence
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

TODAY = sys.argv[1]


def result(source, path, sop_class, modality):
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = sop_class
    meta.MediaStorageSOPInstanceUID = generate_uid()
    meta.TransferSyntaxUID = ExplicitVRLittleEndian
    made = FileDataset(path, {}, file_meta=meta, preamble=b"\0" * 128)
    for keyword in (
        "SpecificCharacterSet", "PatientName", "PatientID", "PatientBirthDate", "PatientSex", "StudyInstanceUID", "StudyDate",
        "StudyTime", "StudyID", "AccessionNumber", "ReferringPhysicianName", "FrameOfReferenceUID", "AcquisitionDate",
        "PatientIdentityRemoved", "DeidentificationMethod", "DeidentificationMethodCodeSequence",
        "LongitudinalTemporalInformationModified",
    ):
        if keyword in source:
            made[keyword] = source[keyword]
    made.SOPClassUID = sop_class
    made.SOPInstanceUID = meta.MediaStorageSOPInstanceUID
    made.SeriesInstanceUID = generate_uid()
    made.Modality = modality
    made.SeriesDescription = "AI result"
    made.SeriesDate = made.ContentDate = made.InstanceCreationDate = TODAY
    made.SeriesTime = made.ContentTime = "101112"
    made.InstanceNumber = 1
    reference = Dataset()
    reference.ReferencedSOPClassUID = source.SOPClassUID
    reference.ReferencedSOPInstanceUID = source.SOPInstanceUID
    return made, reference


def evidence(source, reference):
    series = Dataset()
    series.SeriesInstanceUID = source.SeriesInstanceUID
    series.ReferencedSOPSequence = Sequence([reference])
    study = Dataset()
    study.StudyInstanceUID = source.StudyInstanceUID
    study.ReferencedSeriesSequence = Sequence([series])
    return study


for line in sys.stdin:
    path = line.rstrip("\n")
    source = pydicom.dcmread(path)

    picture, reference = result(source, path + ".sc", "1.2.840.10008.5.1.4.1.1.7", "OT")
    picture.SourceImageSequence = Sequence([reference])
    picture.Rows, picture.Columns, picture.SamplesPerPixel = 64, 64, 3
    picture.PhotometricInterpretation, picture.PlanarConfiguration = "RGB", 0
    picture.BitsAllocated, picture.BitsStored, picture.HighBit, picture.PixelRepresentation = 8, 8, 7, 0
    picture.PixelData = bytes(range(256)) * (64 * 64 * 3 // 256)
    picture.save_as(path + ".sc", write_like_original=False)

    report, reference = result(source, path + ".sr", "1.2.840.10008.5.1.4.1.1.88.11", "SR")
    report.CurrentRequestedProcedureEvidenceSequence = Sequence([evidence(source, reference)])
    image = Dataset()
    image.RelationshipType, image.ValueType = "CONTAINS", "IMAGE"
    image.ReferencedSOPSequence = Sequence([reference])
    report.ValueType, report.ContinuityOfContent = "CONTAINER", "SEPARATE"
    report.CompletionFlag, report.VerificationFlag = "COMPLETE", "UNVERIFIED"
    report.ContentSequence = Sequence([image])
    report.save_as(path + ".sr", write_like_original=False)
