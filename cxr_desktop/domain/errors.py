"""The one tree of errors that the program raises on purpose.

Each message names the file or value at fault and says what to do; boundaries translate
foreign exceptions into these with ``raise ... from``.
"""


class CxrError(Exception):
    """Base of every error with a message meant for the person at the screen."""


class DicomReadError(CxrError):
    """A file cannot be shown as a radiograph."""


class ModelError(CxrError):
    """A model package is incomplete, altered, or does not fit its network."""


class InputRefused(CxrError):
    """The input check found that a model should not be asked about an image."""


class DeviceError(CxrError):
    """A requested compute device does not exist here or ran out of memory."""


class AttributionError(CxrError):
    """An attribution cannot be computed from the given network, input, target or option."""


class UnsupportedOperation(AttributionError):
    """A method has no rule for an operation of the network; names both and what does work."""


class BoxFileError(CxrError):
    """A file of boxes cannot be read as such."""


class IndexFileError(CxrError):
    """The index of a data set cannot be read as such."""


class ExportError(CxrError):
    """A result cannot be written."""


class PolicyError(CxrError):
    """The administrator's policy file is damaged, or forbids what was asked for."""


class Cancelled(CxrError):
    """The work was cancelled by its owner; not a failure."""
