"""Who observed: the network as a device, readers as persons (TID 1002)."""

from __future__ import annotations

from highdicom.sr import (
    AlgorithmIdentification,
    CodedConcept,
    DeviceObserverIdentifyingAttributes,
    ObserverContext,
    PersonObserverIdentifyingAttributes,
)
from pydicom.sr.codedict import codes

from cxr_desktop.domain import DISCLAIMER, Analysis, AttributionMap, LocalizedMap
from cxr_desktop.reports.dicom.identity import Identity
from cxr_desktop.reports.dicom.writing import MANUFACTURER, line
from cxr_desktop.reports.wording import parameters_text

METHOD = "Attribution method: "
_LONGEST = 1000


def device(analysis: Analysis, identity: Identity) -> ObserverContext:
    """The program with its network."""
    model = analysis.prediction.model
    return ObserverContext(
        CodedConcept.from_code(codes.DCM.Device),
        DeviceObserverIdentifyingAttributes(
            uid=identity.uid("device"),
            name=line(analysis.software or MANUFACTURER),
            manufacturer_name=MANUFACTURER,
            model_name=line(f"{model.title or model.name} {model.version}"),
            serial_number=line(model.weights_sha256 or "unknown"),
        ),
    )


def person(reader: str) -> ObserverContext:
    """A reader; a plain name counts as the family name."""
    return ObserverContext(
        CodedConcept.from_code(codes.DCM.Person),
        PersonObserverIdentifyingAttributes(name=person_name(reader)),
    )


def person_name(reader: str) -> str:
    """The name as PN allows it; its caret tells that the family name is all there is."""
    plain = line(reader.replace("=", " ") or "Reader", 60)
    return plain if "^" in plain else f"{plain}^"


def network(analysis: Analysis) -> AlgorithmIdentification:
    """The network that gave the scores (TID 4019)."""
    return _algorithm(analysis, ())


def method(analysis: Analysis, found: AttributionMap, localized: LocalizedMap) -> AlgorithmIdentification:
    """The network with the attribution method that gave a map and its boxes (TID 4019)."""
    facts = (
        f"{METHOD}{found.method}",
        f"Method parameters: {parameters_text(found)}",
        f"Explained label: {found.target}",
        f"Threshold: {localized.threshold}",
    )
    return _algorithm(analysis, facts)


def _algorithm(analysis: Analysis, facts: tuple[str, ...]) -> AlgorithmIdentification:
    model = analysis.prediction.model
    weights = f"Weights SHA-256: {model.weights_sha256 or 'unknown'}"
    return AlgorithmIdentification(
        name=line(model.title or model.name),
        version=line(model.version or "unknown"),
        parameters=[line(fact, _LONGEST) for fact in (f"Model: {model.name}", weights, *facts, DISCLAIMER)],
    )
