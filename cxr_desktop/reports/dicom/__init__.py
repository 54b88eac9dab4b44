"""Reports as DICOM objects that other systems open; one exporter a file, libraries loaded when one writes."""
