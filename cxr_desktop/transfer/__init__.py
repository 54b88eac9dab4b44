"""DICOM objects to other systems and from them, over DIMSE and DICOMweb; nothing happens here unasked."""
