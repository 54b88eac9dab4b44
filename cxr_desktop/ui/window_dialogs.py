"""What the window asks, each in a dialog of its own, which is loaded when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtWidgets import QMainWindow

from cxr_desktop.ui.action_bar import ActionBar
from cxr_desktop.ui.commands import Dialogs
from cxr_desktop.ui.dialogs.paths import ask_files, ask_folder
from cxr_desktop.ui.packing import PackAtHand
from cxr_desktop.ui.panels.study_list import StudyList
from cxr_desktop.ui.parts import Parts
from cxr_desktop.ui.printing import Page
from cxr_desktop.ui.second_window import SecondScreen

STUDY_METHODS = ("gradcam", "integrated_gradients", "epsilon_plus", "rap", "rsp")
"""Chosen at first for a new evaluation, as on the command line."""


def window_dialogs(
    window: QMainWindow, parts: Parts, studies: StudyList, actions: Callable[[], ActionBar]
) -> Dialogs:
    """actions: asked for when needed, as it is made from these dialogs."""
    return Dialogs(
        open_files=lambda: ask_files(window, parts.opening.open_paths),
        open_folder=lambda: ask_folder(window, parts.opening.open_paths),
        export=lambda: _export(window, parts),
        send=lambda: _send(window, parts),
        find_studies=lambda: _find_studies(window, parts),
        nodes=lambda: _nodes(window, parts),
        deidentify=lambda: _deidentify(window, parts),
        print_report=lambda: _print(window, parts),
        compare=lambda: _compare(window, parts),
        units=lambda: _units(window, parts),
        keys=lambda: _keys(window, parts),
        about=lambda: _about(window),
        model_card=lambda: _model_card(window, parts),
        search=studies.focus_search,
        next_image=lambda: studies.step(1),
        previous_image=lambda: studies.step(-1),
        quit=window.close,
        palette=lambda: _palette(actions()),
        shortcuts=lambda: _shortcuts(window, parts),
        tags=lambda: _show_tags(window, parts),
        trust=lambda: _trust(window, parts),
        commit=lambda: _commit(window, parts),
        label_sets=lambda: _label_sets(window, parts),
        reader=lambda: _reader(window, parts),
        worklist=lambda: _show_worklist(window, parts),
        next_unread=parts.working.next_unread,
        make_pack=lambda: _make_pack(window, parts),
        open_pack=lambda: _open_pack(window, parts),
        hand_back=lambda: _hand_back(window, parts),
        merge=lambda: _merge(window, parts),
        agreement=lambda: _agreement(window, parts),
        import_readings=lambda: _import_readings(window, parts),
        readers=lambda: _readers(window, parts),
        study=lambda: _show_study(window, parts),
        next_case=lambda: parts.reviewing.step(1),
        previous_case=lambda: parts.reviewing.step(-1),
        second_window=SecondScreen(window, parts, actions).toggle,
        pattern=lambda: _pattern(window),
    )


def show_pack(window: QMainWindow, parts: Parts, pack: PackAtHand) -> None:
    """What a pack holds, before it is taken in."""
    from cxr_desktop.ui.dialogs.packs import OpenPackDialog

    OpenPackDialog(parts.packing, pack, window).open()


def show_merge(window: QMainWindow, parts: Parts, files: Sequence[Path]) -> None:
    """Readings that came back, before they are taken in."""
    from cxr_desktop.ui.dialogs.returning import MergeDialog

    MergeDialog(parts.packing, files, window).open()


def _export(window: QMainWindow, parts: Parts) -> None:
    from cxr_desktop.ui.dialogs.export import ExportDialog

    ExportDialog(parts.exporting, window).open()


def _compare(window: QMainWindow, parts: Parts) -> None:
    from cxr_desktop.ui.dialogs.comparison import MethodsDialog

    MethodsDialog(parts.session, parts.heatmap, parts.inference, window).open()


def _units(window: QMainWindow, parts: Parts, unit: tuple[str, int] | None = None) -> None:
    from cxr_desktop.ui.dialogs.units import UnitsDialog

    UnitsDialog(parts.exploring, window, unit).open()


def _keys(window: QMainWindow, parts: Parts) -> None:
    from cxr_desktop.ui.dialogs.keys import KeysDialog

    KeysDialog(parts.keymap, window).open()


def _about(window: QMainWindow) -> None:
    from cxr_desktop.ui.dialogs.about import AboutDialog

    AboutDialog(window).open()


def _model_card(window: QMainWindow, parts: Parts) -> None:
    from cxr_desktop.ui.dialogs.about import ModelCardDialog

    ModelCardDialog(parts.inference.model, window).open()


def _palette(actions: ActionBar) -> None:
    from cxr_desktop.ui.dialogs.palette import PaletteDialog

    PaletteDialog(actions).open()


def _shortcuts(window: QMainWindow, parts: Parts) -> None:
    from cxr_desktop.ui.dialogs.shortcuts import ShortcutsDialog

    ShortcutsDialog(parts.keymap, window).open()


def _trust(window: QMainWindow, parts: Parts) -> None:
    from cxr_desktop.ui.dialogs.trust import TrustDialog

    TrustDialog(parts.trusting, parts.heatmap, window).open()


def _commit(window: QMainWindow, parts: Parts) -> None:
    from cxr_desktop.ui.dialogs.committing import commit_or_amend

    commit_or_amend(parts.first, parts.reading, window)


def _label_sets(window: QMainWindow, parts: Parts) -> None:
    from cxr_desktop.ui.dialogs.label_sets import LabelSetsDialog

    parts.labelling.read(lambda: LabelSetsDialog(parts.labelling, window).open())


def _reader(window: QMainWindow, parts: Parts) -> None:
    from cxr_desktop.ui.dialogs.reader import ReaderDialog

    ReaderDialog(parts.first, parts.reading, window).open()


def _open_pack(window: QMainWindow, parts: Parts) -> None:
    from cxr_desktop.ui.dialogs.packs import ask_pack

    ask_pack(window, parts.packing)


def _hand_back(window: QMainWindow, parts: Parts) -> None:
    from cxr_desktop.ui.dialogs.returning import HandBackDialog

    HandBackDialog(parts.packing, window).open()


def _merge(window: QMainWindow, parts: Parts) -> None:
    from cxr_desktop.ui.dialogs.returning import ask_merge

    ask_merge(window, parts.packing)


def _agreement(window: QMainWindow, parts: Parts) -> None:
    from cxr_desktop.ui.dialogs.agreement import AgreementDialog

    AgreementDialog(parts.agreeing, window).open()


def _import_readings(window: QMainWindow, parts: Parts) -> None:
    from cxr_desktop.ui.dialogs.agreement import ask_readings

    ask_readings(window, parts.agreeing)


def _readers(window: QMainWindow, parts: Parts) -> None:
    from cxr_desktop.ui.dialogs.readers import show_readers

    show_readers(window, parts)


def _pattern(window: QMainWindow) -> None:
    from cxr_desktop.ui.dialogs.pattern import PatternWindow

    PatternWindow(window).showFullScreen()


def _nodes(window: QMainWindow, parts: Parts) -> None:
    from cxr_desktop.ui.dialogs.nodes import NodesDialog

    parts.transferring.look(lambda: NodesDialog(parts.transferring, window).open())


def _send(window: QMainWindow, parts: Parts) -> None:
    from cxr_desktop.ui.dialogs.send import SendDialog

    transferring = parts.transferring
    transferring.look(lambda: SendDialog(transferring, window).open())


def _find_studies(window: QMainWindow, parts: Parts) -> None:
    from cxr_desktop.ui.dialogs.find_studies import FindStudiesDialog

    transferring = parts.transferring
    transferring.look(lambda: FindStudiesDialog(transferring, window).open())


def _deidentify(window: QMainWindow, parts: Parts) -> None:
    from cxr_desktop.ui.dialogs.deidentify import DeidentifyDialog

    if parts.session.image is not None:
        DeidentifyDialog(parts.deidentifying, parts.session.image, window).open()


def _print(window: QMainWindow, parts: Parts) -> None:
    """The preview, once the pages are there."""

    def show(pages: tuple[Page, ...]) -> None:
        from cxr_desktop.ui.dialogs.print_preview import PrintPreview

        PrintPreview(pages, window).open()

    parts.printing.prepare(show, parts.exporting.told.emit)


def _show_worklist(window: QMainWindow, parts: Parts) -> None:
    """The list beside the window, or the one that is open already."""
    from cxr_desktop.ui.dialogs.worklist import WorklistDialog

    found = window.findChild(WorklistDialog) or WorklistDialog(parts.working, window)
    found.show()
    found.raise_()
    found.activateWindow()


def _make_pack(window: QMainWindow, parts: Parts) -> None:
    from cxr_desktop.ui.dialogs.packs import MakePackDialog

    parts.labelling.read(lambda: MakePackDialog(parts.packing, parts.labelling.sets, window).open())


def _show_tags(window: QMainWindow, parts: Parts) -> None:
    from cxr_desktop.ui.dialogs.tags import TagsDialog

    image = parts.session.image
    if image is not None:
        TagsDialog(parts.tags, image.radiograph.header.path, window).open()


def _show_study(window: QMainWindow, parts: Parts) -> None:
    """One window of results, brought to the front where it stands already."""
    from cxr_desktop.ui.study.start_form import StartForm
    from cxr_desktop.ui.study.unit_opening import UnitOpening
    from cxr_desktop.ui.study.window import StudyWindow

    shown = window.findChild(StudyWindow)
    if shown is None:
        inference = parts.inference
        form = StartForm(
            parts.evaluating,
            lambda: inference.model.name if inference.model else "demo",
            parts.heatmap.methods,
            STUDY_METHODS,
        )
        shown = StudyWindow(parts.reviewing, parts.evaluating, form, window)
        units = UnitOpening(parts.session, parts.reviewing, shown)
        units.ready.connect(lambda unit: _units(window, parts, (unit.layer, unit.channel)))
        shown.unit_opened.connect(units.open)
    shown.show()
    shown.raise_()
    shown.activateWindow()
