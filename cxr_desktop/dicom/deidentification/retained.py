"""Attributes that options of the profile let stay (columns of PS3.15 Table E.1-1), by keyword."""

from __future__ import annotations

# Column 'Rtn. Pat. Chars. Opt.', K. Its C attributes are free text and are removed all the same.
PATIENT_CHARACTERISTICS = frozenset(
    {
        "EthnicGroup",
        "EthnicGroupCodeSequence",
        "PatientAge",
        "PatientSex",
        "PatientSexNeutered",
        "PatientSize",
        "PatientWeight",
        "PregnancyStatus",
        "SmokingStatus",
    }
)

# Column 'Rtn. Dev. Id. Opt.', K.
DEVICE_IDENTITY = frozenset(
    {
        "CassetteID",
        "DetectorID",
        "DeviceDescription",
        "DeviceLabel",
        "DeviceSerialNumber",
        "DeviceUID",
        "GantryID",
        "GeneratorID",
        "LensMake",
        "LensModel",
        "LensSerialNumber",
        "LensSpecification",
        "ManufacturerDeviceClassUID",
        "ManufacturerDeviceIdentifier",
        "PerformedStationAETitle",
        "PerformedStationGeographicLocationCodeSequence",
        "PerformedStationName",
        "PerformedStationNameCodeSequence",
        "PlateID",
        "ScheduledProcedureStepLocation",
        "ScheduledStationAETitle",
        "ScheduledStationGeographicLocationCodeSequence",
        "ScheduledStationName",
        "ScheduledStationNameCodeSequence",
        "ScheduledStudyLocation",
        "ScheduledStudyLocationAETitle",
        "SourceManufacturer",
        "SourceSerialNumber",
        "StationName",
        "TransducerIdentificationSequence",
        "TreatmentMachineName",
        "UDISequence",
        "UniqueDeviceIdentifier",
        "XRayDetectorID",
        "XRayDetectorLabel",
        "XRaySourceID",
    }
)

# Dates that no option keeps: they tell of the person, not of the course of the examinations.
NEVER_KEPT = frozenset(
    {
        "PatientAlternativeCalendar",
        "PatientBirthDate",
        "PatientBirthDateInAlternativeCalendar",
        "PatientBirthTime",
        "PatientDeathDateInAlternativeCalendar",
    }
)

# Identify the patient, alone or by where they were; the same words are looked for in all that stays.
IDENTIFIERS = frozenset(
    {
        "AccessionNumber",
        "AdmissionID",
        "InstitutionAddress",
        "InstitutionName",
        "InsurancePlanIdentification",
        "MedicalRecordLocator",
        "OtherPatientIDs",
        "PatientAddress",
        "PatientID",
        "PatientTelephoneNumbers",
        "RequestedProcedureID",
        "ServiceEpisodeID",
    }
)
