"""What the window asks, each in a dialog of its own."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QMainWindow, QWidget

from cxr_desktop.ui.action_bar import ActionBar
from cxr_desktop.ui.commands import Dialogs
from cxr_desktop.ui.dialogs.about import AboutDialog, ModelCardDialog
from cxr_desktop.ui.dialogs.agreement import AgreementDialog, ask_readings
from cxr_desktop.ui.dialogs.committing import commit_or_amend
from cxr_desktop.ui.dialogs.comparison import MethodsDialog
from cxr_desktop.ui.dialogs.export import ExportDialog
from cxr_desktop.ui.dialogs.keys import KeysDialog
from cxr_desktop.ui.dialogs.label_sets import LabelSetsDialog
from cxr_desktop.ui.dialogs.packs import MakePackDialog, ask_pack
from cxr_desktop.ui.dialogs.palette import PaletteDialog
from cxr_desktop.ui.dialogs.paths import ask_files, ask_folder
from cxr_desktop.ui.dialogs.pattern import PatternWindow
from cxr_desktop.ui.dialogs.reader import ReaderDialog
from cxr_desktop.ui.dialogs.readers import show_readers
from cxr_desktop.ui.dialogs.returning import HandBackDialog, ask_merge
from cxr_desktop.ui.dialogs.shortcuts import ShortcutsDialog
from cxr_desktop.ui.dialogs.tags import TagsDialog
from cxr_desktop.ui.dialogs.trust import TrustDialog
from cxr_desktop.ui.dialogs.units import UnitsDialog
from cxr_desktop.ui.panels.study_list import StudyList
from cxr_desktop.ui.parts import Parts
from cxr_desktop.ui.printing import Page
from cxr_desktop.ui.second_window import SecondScreen
from cxr_desktop.ui.study.start_form import StartForm
from cxr_desktop.ui.study.unit_opening import UnitOpening
from cxr_desktop.ui.study.window import StudyWindow

STUDY_METHODS = ("gradcam", "integrated_gradients", "epsilon_plus", "rap", "rsp")
"""Chosen at first for a new evaluation, as on the command line."""


def window_dialogs(
    window: QMainWindow, parts: Parts, studies: StudyList, actions: Callable[[], ActionBar]
) -> Dialogs:
    """actions: asked for when needed, as it is made from these dialogs."""
    return Dialogs(
        open_files=lambda: ask_files(window, parts.opening.open_paths),
        open_folder=lambda: ask_folder(window, parts.opening.open_paths),
        export=lambda: ExportDialog(parts.exporting, window).open(),
        send=lambda: _send(window, parts),
        find_studies=lambda: _find_studies(window, parts),
        nodes=lambda: _nodes(window, parts),
        deidentify=lambda: _deidentify(window, parts),
        print_report=lambda: _print(window, parts),
        compare=lambda: MethodsDialog(parts.session, parts.heatmap, parts.inference, window).open(),
        units=lambda: UnitsDialog(parts.exploring, window).open(),
        keys=lambda: KeysDialog(parts.keymap, window).open(),
        about=lambda: AboutDialog(window).open(),
        model_card=lambda: ModelCardDialog(parts.inference.model, window).open(),
        search=studies.focus_search,
        next_image=lambda: studies.step(1),
        previous_image=lambda: studies.step(-1),
        quit=window.close,
        palette=lambda: PaletteDialog(actions()).open(),
        shortcuts=lambda: ShortcutsDialog(parts.keymap, window).open(),
        tags=lambda: _show_tags(window, parts),
        trust=lambda: TrustDialog(parts.trusting, parts.heatmap, window).open(),
        commit=lambda: commit_or_amend(parts.first, parts.reading, window),
        label_sets=lambda: LabelSetsDialog(parts.labelling, window).open(),
        reader=lambda: ReaderDialog(parts.first, parts.reading, window).open(),
        worklist=lambda: _show_worklist(window, parts),
        next_unread=parts.working.next_unread,
        make_pack=lambda: _make_pack(window, parts),
        open_pack=lambda: ask_pack(window, parts.packing),
        hand_back=lambda: HandBackDialog(parts.packing, window).open(),
        merge=lambda: ask_merge(window, parts.packing),
        agreement=lambda: AgreementDialog(parts.agreeing, window).open(),
        import_readings=lambda: ask_readings(window, parts.agreeing),
        readers=lambda: show_readers(window, parts),
        study=lambda: _show_study(window, parts),
        next_case=lambda: parts.reviewing.step(1),
        previous_case=lambda: parts.reviewing.step(-1),
        second_window=SecondScreen(window, parts, actions).toggle,
        pattern=lambda: PatternWindow(window).showFullScreen(),
    )


def _nodes(window: QWidget, parts: Parts) -> None:
    from cxr_desktop.ui.dialogs.nodes import NodesDialog

    NodesDialog(parts.transferring, window).open()


def _send(window: QMainWindow, parts: Parts) -> None:
    from cxr_desktop.ui.dialogs.send import SendDialog

    dialog = SendDialog(parts.transferring, lambda: _nodes(dialog, parts), window)
    dialog.open()


def _find_studies(window: QMainWindow, parts: Parts) -> None:
    from cxr_desktop.ui.dialogs.find_studies import FindStudiesDialog

    dialog = FindStudiesDialog(parts.transferring, lambda: _nodes(dialog, parts), window)
    dialog.open()


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
    MakePackDialog(parts.packing, parts.labelling.sets, window).open()


def _show_tags(window: QMainWindow, parts: Parts) -> None:
    image = parts.session.image
    if image is not None:
        TagsDialog(parts.tags, image.radiograph.header.path, window).open()


def _show_study(window: QMainWindow, parts: Parts) -> None:
    """One window of results, brought to the front where it stands already."""
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
        units.ready.connect(
            lambda unit: UnitsDialog(parts.exploring, window, (unit.layer, unit.channel)).open()
        )
        shown.unit_opened.connect(units.open)
    shown.show()
    shown.raise_()
    shown.activateWindow()
