"""Reads, of each line of standard input, a de-identified file and, behind a tab, its original, both to their last attribute;
prints one line of JSON a file: how many values were looked for, and what is wrong with it.

What identifies is listed here once more, from PS3.15 table E.1-1, so that a row that the program under test has wrong, or
has not, is found by somebody else's reading."""

import json
import re
import sys
import warnings

import pydicom

warnings.simplefilter("ignore")

IDENTIFYING = set(
    """
    AccessionNumber AcquisitionComments AdditionalPatientHistory AdmissionID AdmittingDiagnosesDescription Allergies
    BranchOfService ContentCreatorName ContentDate ContrastBolusAgent CountryOfResidence CurrentPatientLocation
    CurveDate CustodialOrganizationSequence DerivationDescription DetectorID DeviceSerialNumber DischargeDiagnosisDescription
    EthnicGroup FrameComments FrameOfReferenceUID GantryID GeneratorID HumanPerformersName HumanPerformersOrganization
    ImageComments ImagePresentationComments ImagingServiceRequestComments Impressions InstitutionAddress
    InstitutionalDepartmentName InstitutionName InsurancePlanIdentification IntendedRecipientsOfResultsIdentificationSequence
    InterpretationApproverSequence InterpretationAuthor InterpretationRecorder InterpretationText InterpretationTranscriber
    IrradiationEventUID IssuerOfPatientID MedicalAlerts MedicalRecordLocator MilitaryRank NameOfPhysiciansReadingStudy
    NamesOfIntendedRecipientsOfResults Occupation OperatorsName OrderCallbackPhoneNumber OrderEnteredBy
    OrderEntererLocation OtherPatientIDs OtherPatientNames OverlayDate PatientAddress PatientBirthDate PatientBirthName
    PatientBirthTime PatientComments PatientID PatientInstitutionResidence PatientInsurancePlanCodeSequence
    PatientMotherBirthName PatientName PatientReligiousPreference PatientState PatientTelephoneNumbers
    PerformedLocation PerformedProcedureStepDescription PerformedProcedureStepID PerformedStationAETitle
    PerformedStationName PerformingPhysicianName PersonAddress PersonName PersonTelephoneNumbers
    PhysiciansOfRecord PlateID PreMedication ProtocolName ReasonForStudy ReferencedSOPInstanceUID
    ReferringPhysicianAddress ReferringPhysicianName ReferringPhysicianTelephoneNumbers RegionOfResidence
    RequestedContrastAgent RequestedProcedureComments RequestedProcedureDescription RequestedProcedureID
    RequestedProcedureLocation RequestingPhysician RequestingService ResponsibleOrganization ResponsiblePerson
    ResultsComments ReviewerName ScheduledPerformingPhysicianName ScheduledProcedureStepDescription
    ScheduledProcedureStepLocation ScheduledStationAETitle ScheduledStationName SeriesDate SeriesDescription
    SeriesInstanceUID ServiceEpisodeDescription ServiceEpisodeID SmokingStatus SOPInstanceUID SpecialNeeds StationName
    StorageMediaFileSetUID StudyComments StudyDate StudyDescription StudyID StudyIDIssuer StudyInstanceUID
    SynchronizationFrameOfReferenceUID TextComments TextString TextValue TimezoneOffsetFromUTC VerifyingObserverName
    VerifyingOrganization VisitComments AcquisitionDate AcquisitionDateTime
    """.split()
)
SHORTEST = 4
# What the profile may write in their place, and UIDs of the Standard itself.
OURS = re.compile(r"ANONYMIZED|Anonymized|19000101|000000|1\.2\.840\.10008\.")


def texts(element):
    value = element.value
    values = value if isinstance(value, (list, pydicom.multival.MultiValue)) else [value]
    for each in values:
        text = str(each).strip() if each is not None and not isinstance(each, bytes) else ""
        yield from (part for part in re.split(r"[=^]", text) if part) if element.VR == "PN" else [text]


def walk(data_set, is_within_identifying=False):
    """Every attribute with a value of its own, and whether it identifies, by itself or by the sequence it is in."""
    for element in data_set:
        identifies = is_within_identifying or element.keyword in IDENTIFYING or element.tag.is_private
        if element.VR == "SQ":
            for item in element.value:
                yield from walk(item, identifies)
        elif element.VR not in ("OB", "OW", "OF", "OD", "OL", "OV", "UN"):
            yield element, identifies


def leaks(original, result):
    stays = {text for element, identifies in walk(original) if not identifies for text in texts(element)}
    secrets = {
        text
        for element, identifies in walk(original)
        if identifies and not element.tag.is_private
        for text in texts(element)
        if len(text) >= SHORTEST and not OURS.match(text) and not any(text in other for other in stays)
    }
    told = [(str(element.tag), text) for element, _ in walk(result) for text in texts(element)]
    for secret in sorted(secrets):
        # Few digits are in many a number: they count where they stand alone.
        alone = re.compile(rf"(?<![\d.]){re.escape(secret)}(?![\d.])")
        for tag, text in told:
            if alone.search(text):
                yield f"{secret!r} of the original is in {tag}"
    return len(secrets)


def wrongs(path, original):
    data_set = pydicom.dcmread(path)
    found = []
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
    searching = leaks(pydicom.dcmread(original, force=True), data_set)
    while True:
        try:
            found.append(next(searching))
        except StopIteration as end:
            return end.value, found


for line in sys.stdin:
    path, original = line.rstrip("\n").split("\t")
    try:
        print(json.dumps(wrongs(path, original)))
    except Exception as error:
        print(json.dumps([0, [f"{type(error).__name__}: {error}"]]))
