# ruff: noqa: E501 -- a table reads better with a record a line
"""Every command of the window in one table: menus, toolbar, keys and the help page are made from it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from cxr_desktop.domain import Finding, Verdict
from cxr_desktop.ui import judging, saying
from cxr_desktop.ui.commands import Commands
from cxr_desktop.ui.translation import tr
from cxr_desktop.ui.viewer.outlines import outline_under
from cxr_desktop.ui.viewer.viewer_model import ToolKind

ZOOM_STEP = 1.25
FAR = 10.0


class Scope(StrEnum):
    """Where a key works: in the whole window, or while the image has the focus."""

    WINDOW = "window"
    CANVAS = "canvas"


class When(StrEnum):
    """What must be there for a command to make sense."""

    ALWAYS = "always"
    IMAGE = "image"
    BOX = "box"
    SELECTION = "selection"
    MEASUREMENTS = "measurements"
    UNDO = "undo"
    REDO = "redo"
    MAP = "map"
    SCORES = "scores"
    MODEL = "model"
    FRAMES = "frames"
    OVERLAYS = "overlays"
    STATES = "states"
    READING = "reading"
    FREE = "free"
    REPORT = "report"
    SIGHTED = "sighted"
    UNVEILED = "unveiled"


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """One command. menu: empty for commands that only have keys. tool: armed by it. toolbar: shown there.

    checked: of a mode, whether it is on.
    """

    id: str
    text: str
    run: Callable[[Commands], object]
    keys: tuple[str, ...] = ()
    menu: str = ""
    icon: str = ""
    tip: str = ""
    when: When = When.ALWAYS
    scope: Scope = Scope.WINDOW
    tool: ToolKind | None = None
    toolbar: bool = False
    separator: bool = False
    checked: Callable[[Commands], bool] | None = None

    @property
    def title(self) -> str:
        """The text in the reader's language."""
        return tr(self.text)

    @property
    def hint(self) -> str:
        return tr(self.tip or self.text)

    @property
    def menu_title(self) -> str:
        """The menu's name without its mnemonic; empty for none."""
        return tr(self.menu).replace("&", "") if self.menu else ""


def _arm(kind: ToolKind) -> Callable[[Commands], None]:
    return lambda commands: commands.viewer.set_tool(kind)


def _nudge(dx: float, dy: float) -> Callable[[Commands], None]:
    """By stored pixels, in the direction that the screen shows."""

    def nudge(commands: Commands) -> None:
        step = commands.viewer.view.turn.inverse_vector(dx, dy)
        if commands.measurements.selected_item is not None:
            commands.measurements.nudge_selected(*step)
        else:
            commands.reading.nudge_selected(*step)

    return nudge


def _delete(commands: Commands) -> None:
    if commands.measurements.selected_item is not None:
        commands.measurements.remove_selected()
    else:
        commands.reading.remove_selected()


def _deselect(commands: Commands) -> None:
    commands.reading.drop_draft()
    commands.measurements.select(None)
    commands.reading.select(None)


def _finish(commands: Commands) -> None:
    if commands.viewer.tool is ToolKind.DRAW_POLYGON:
        commands.reading.finish_draft()


def _study_finding(number: int) -> Callable[[Commands], None]:
    return lambda commands: saying.toggle_study_finding(commands.reading, number)


def _label(number: int) -> Callable[[Commands], None]:
    def label(commands: Commands) -> None:
        if commands.session.passing is None:
            commands.reading.set_label_of_key(number)

    return label


def _judge(verdict: Verdict) -> Callable[[Commands], None]:
    def run(commands: Commands) -> None:
        cut = commands.session.cut
        if cut is not None:
            source = cut.heat.source
            judging.judge(commands.reading, verdict, cut.boxes, source.method, source.target)

    return run


def _snap(commands: Commands) -> None:
    cut = commands.session.cut
    if cut is not None:
        judging.snap(commands.reading, cut.boxes)


def _snap_to_outline(commands: Commands) -> None:
    cut, box = commands.session.cut, commands.reading.selected_box
    if cut is not None and box is not None:
        outline = outline_under(cut.segments, box, cut.heat.step)
        if outline is not None:
            commands.reading.change_selected(Finding.around(outline, box))


def _toggle_map(commands: Commands) -> None:
    commands.heatmap.set_visible(heat=not commands.heatmap.show_heat)


def _toggle_contour(commands: Commands) -> None:
    commands.heatmap.set_visible(contour=not commands.heatmap.show_contour)


def _toggle_blinded(commands: Commands) -> None:
    commands.first.set_on(not commands.first.on)
    if commands.first.must_ask:
        commands.dialogs.reader()


FILE, TOOLS, VIEW, MEASURE = "&File", "&Tools", "&View", "&Measure"
BOXES, READING, NETWORK, HELP = "&Boxes", "&Reading", "&Network", "&Help"
MENUS = (FILE, TOOLS, VIEW, MEASURE, BOXES, READING, NETWORK, HELP)

ACTIONS: tuple[ActionSpec, ...] = (
    ActionSpec("open", "Open files…", lambda c: c.dialogs.open_files(), ("Ctrl+O",), FILE, "open", "Open DICOM, PNG, JPEG or TIFF files, a DICOMDIR, a .zip, or boxes as CSV, COCO, VOC, LabelMe or Label Studio", toolbar=True),
    ActionSpec("open-folder", "Open folder…", lambda c: c.dialogs.open_folder(), ("Ctrl+Shift+O",), FILE),
    ActionSpec("demo", "Open the demo study", lambda c: c.opening.open_demo(), (), FILE),
    ActionSpec("export", "Export report…", lambda c: c.dialogs.export(), ("Ctrl+E",), FILE, "export", "Write a report of this image", When.REPORT, separator=True),
    ActionSpec("send", "Send…", lambda c: c.dialogs.send(), ("Ctrl+Shift+S",), FILE, tip="Send reports or the image to a DICOM node"),
    ActionSpec("find-studies", "Find on a server…", lambda c: c.dialogs.find_studies(), ("Ctrl+Shift+F",), FILE, tip="Ask a DICOM node for studies, fetch and open them"),
    ActionSpec("nodes", "Nodes…", lambda c: c.dialogs.nodes(), (), FILE, tip="The DICOM and DICOMweb systems to exchange objects with"),
    ActionSpec("print", "Print report…", lambda c: c.dialogs.print_report(), ("Ctrl+P",), FILE, tip="The report of this image on paper, seen before it is printed", when=When.REPORT),
    ActionSpec("deidentify", "De-identify a copy…", lambda c: c.dialogs.deidentify(), ("Ctrl+Shift+D",), FILE, tip="A copy of this image that no longer tells whose it is", when=When.IMAGE),
    ActionSpec("make-pack", "Make case pack…", lambda c: c.dialogs.make_pack(), (), FILE, tip="The listed images, labels, readers and blinding in one signed file, for machines without a network", separator=True),
    ActionSpec("open-pack", "Open case pack…", lambda c: c.dialogs.open_pack(), (), FILE, tip="Read the cases that somebody packed for you"),
    ActionSpec("hand-back", "Hand back readings…", lambda c: c.dialogs.hand_back(), (), FILE, tip="Your readings of a case pack in one signed file"),
    ActionSpec("merge-readings", "Merge readings…", lambda c: c.dialogs.merge(), (), FILE, tip="Take readings that were handed back into the library; twice does no harm"),
    ActionSpec("search", "Search studies", lambda c: c.dialogs.search(), ("Ctrl+F",), FILE, separator=True),
    ActionSpec("worklist", "Worklist…", lambda c: c.dialogs.worklist(), ("Ctrl+L",), FILE, tip="The library's cases: unread, low agreement, network disagrees, right for the wrong reason"),
    ActionSpec("next-unread", "Next unread case", lambda c: c.dialogs.next_unread(), ("Ctrl+N",), FILE, tip="The next case of the worklist that you have not read"),
    ActionSpec("next-image", "Next image", lambda c: c.dialogs.next_image(), ("]", "PgDown"), FILE, separator=True),
    ActionSpec("previous-image", "Previous image", lambda c: c.dialogs.previous_image(), ("[", "PgUp"), FILE),
    ActionSpec("quit", "Quit", lambda c: c.dialogs.quit(), ("Ctrl+Q",), FILE, separator=True),
    ActionSpec("tool-edit", "Select", _arm(ToolKind.EDIT), ("S",), TOOLS, "edit", "Select, move and resize findings", tool=ToolKind.EDIT, toolbar=True),
    ActionSpec("tool-draw", "Draw box", _arm(ToolKind.DRAW), ("D", "G"), TOOLS, "draw", "Draw a box in one drag; stays armed", tool=ToolKind.DRAW, toolbar=True),
    ActionSpec("tool-draw-ellipse", "Draw ellipse", _arm(ToolKind.DRAW_ELLIPSE), ("Shift+D",), TOOLS, tip="Draw an ellipse in one drag", tool=ToolKind.DRAW_ELLIPSE),
    ActionSpec("tool-draw-polygon", "Draw outline", _arm(ToolKind.DRAW_POLYGON), ("V",), TOOLS, tip="Click from vertex to vertex, or drag along the whole outline; close it on its first vertex or with Return", tool=ToolKind.DRAW_POLYGON),
    ActionSpec("tool-draw-point", "Mark a point", _arm(ToolKind.DRAW_POINT), ("Shift+G",), TOOLS, tip="Mark a place by one click", tool=ToolKind.DRAW_POINT),
    ActionSpec("tool-window", "Window", _arm(ToolKind.WINDOW), ("W",), TOOLS, "window", "Drag across for the window's width, up and down for its centre; also the right button", tool=ToolKind.WINDOW, toolbar=True),
    ActionSpec("tool-pan", "Pan", _arm(ToolKind.PAN), ("T",), TOOLS, "pan", "Move the image; also the middle button", tool=ToolKind.PAN, toolbar=True),
    ActionSpec("tool-zoom", "Zoom", _arm(ToolKind.ZOOM), ("Z",), TOOLS, "zoom", "Drag up to enlarge; also the wheel", tool=ToolKind.ZOOM, toolbar=True),
    ActionSpec("tool-length", "Ruler", _arm(ToolKind.LENGTH), ("M",), MEASURE, "ruler", "Drag along a distance; says where its millimetres come from", tool=ToolKind.LENGTH, toolbar=True),
    ActionSpec("tool-angle", "Angle", _arm(ToolKind.ANGLE), ("Shift+A",), MEASURE, "angle", "Drag along the first arm to the vertex, then to the end of the second", tool=ToolKind.ANGLE),
    ActionSpec("tool-ellipse", "Ellipse statistics", _arm(ToolKind.ELLIPSE), ("E",), MEASURE, "ellipse", "Mean, deviation, extremes and area inside an ellipse", tool=ToolKind.ELLIPSE),
    ActionSpec("tool-rectangle", "Rectangle statistics", _arm(ToolKind.RECTANGLE), ("Shift+E",), MEASURE, "rectangle", "Mean, deviation, extremes and area inside a rectangle", tool=ToolKind.RECTANGLE),
    ActionSpec("tool-cardiothoracic", "Cardiothoracic ratio", _arm(ToolKind.CARDIOTHORACIC), ("Shift+C",), MEASURE, "heart", "Drag across the thorax, then from border to border of the heart", tool=ToolKind.CARDIOTHORACIC),
    ActionSpec("clear-measurements", "Delete all measurements", lambda c: c.measurements.remove_all(), (), MEASURE, when=When.MEASUREMENTS, separator=True),
    ActionSpec("fit", "Fit", lambda c: c.viewer.fit(), ("F", "Ctrl+0"), VIEW, "fit", "Show the whole image", When.IMAGE, toolbar=True),
    ActionSpec("one-to-one", "1:1", lambda c: c.viewer.one_to_one(), ("Ctrl+1",), VIEW, "one-to-one", "One stored pixel to one screen pixel", When.IMAGE, toolbar=True),
    ActionSpec("zoom-in", "Zoom in", lambda c: c.viewer.zoom(ZOOM_STEP), ("+", "="), VIEW, when=When.IMAGE),
    ActionSpec("zoom-out", "Zoom out", lambda c: c.viewer.zoom(1 / ZOOM_STEP), ("-",), VIEW, when=When.IMAGE),
    ActionSpec("invert", "Invert", lambda c: c.viewer.invert(), ("I",), VIEW, "invert", "Swap black and white", When.IMAGE, toolbar=True, separator=True),
    ActionSpec("central-window", "Window of the central part", lambda c: c.viewer.show_central(), ("Shift+W",), VIEW, tip="1st to 99th percentile of the middle of the image: lung and mediastinum", when=When.IMAGE),
    ActionSpec("lung-window", "Window of the lung field", lambda c: c.lung_window.ask(), ("Q",), VIEW, tip="1st to 99th percentile of both lungs, where they are found", when=When.IMAGE),
    ActionSpec("reset", "Reset", lambda c: c.viewer.reset(), ("R",), VIEW, "reset", "The file's own window, upright, the whole image", When.IMAGE, toolbar=True),
    ActionSpec("rotate-right", "Rotate right", lambda c: c.viewer.turn_to(c.viewer.view.turn.rotated(1)), ("Shift+R",), VIEW, "rotate-right", "Turn clockwise by 90 degrees", When.IMAGE, separator=True),
    ActionSpec("rotate-left", "Rotate left", lambda c: c.viewer.turn_to(c.viewer.view.turn.rotated(-1)), ("Shift+L",), VIEW, when=When.IMAGE),
    ActionSpec("flip-across", "Flip left to right", lambda c: c.viewer.turn_to(c.viewer.view.turn.flipped_across()), ("Shift+H",), VIEW, "flip", when=When.IMAGE),
    ActionSpec("flip-down", "Flip top to bottom", lambda c: c.viewer.turn_to(c.viewer.view.turn.flipped_down()), ("Shift+V",), VIEW, when=When.IMAGE),
    ActionSpec("layout-2", "Beside a prior", lambda c: c.layout.toggle(2), ("P",), VIEW, tip="Another image of the patient on the right, the nearest earlier one first", when=When.IMAGE, separator=True),
    ActionSpec("layout-4", "Two by two", lambda c: c.layout.toggle(4), ("Shift+P",), VIEW, tip="Up to three other images of the patient", when=When.IMAGE),
    ActionSpec("second-window", "Second window", lambda c: c.dialogs.second_window(), ("Ctrl+2",), VIEW, tip="For a second screen: an earlier image, or the maps of all methods; opens where it was the last time"),
    ActionSpec("link", "Link or unlink views", lambda c: c.layout.toggle_link(), ("K",), VIEW, tip="Zoom, pan and window together, or each alone", when=When.IMAGE),
    ActionSpec("play", "Play or pause", lambda c: c.frames.toggle_play(), ("L",), VIEW, tip="Play the frames at the file's own rate", when=When.FRAMES, separator=True),
    ActionSpec("next-frame", "Next frame", lambda c: c.frames.step(1), (".",), VIEW, tip="Also the wheel", when=When.FRAMES),
    ActionSpec("previous-frame", "Previous frame", lambda c: c.frames.step(-1), (",",), VIEW, tip="Also the wheel", when=When.FRAMES),
    ActionSpec("first-frame", "First frame", lambda c: c.frames.step(-c.frames.count), ("Home",), VIEW, when=When.FRAMES, scope=Scope.CANVAS),
    ActionSpec("last-frame", "Last frame", lambda c: c.frames.step(c.frames.count), ("End",), VIEW, when=When.FRAMES, scope=Scope.CANVAS),
    ActionSpec("file-overlays", "Show or hide DICOM overlays", lambda c: c.viewer.set_file_overlays(not c.viewer.file_overlays), ("O",), VIEW, tip="What the file itself draws over its image", when=When.OVERLAYS, separator=True),
    ActionSpec("next-state", "Next presentation state", lambda c: c.states.next(), ("Shift+S",), VIEW, tip="Show the image as a presentation state asks; after the last one, your own view again", when=When.STATES),
    ActionSpec("tags", "DICOM tags…", lambda c: c.dialogs.tags(), ("Ctrl+T",), VIEW, tip="Every element of the file, with a search", when=When.IMAGE, separator=True),
    ActionSpec("undo", "Undo", lambda c: c.undoing.undo(), ("Ctrl+Z",), BOXES, "undo", "Take back the last change of boxes or measurements, without limit", When.UNDO, toolbar=True),
    ActionSpec("redo", "Redo", lambda c: c.undoing.redo(), ("Ctrl+Shift+Z", "Ctrl+Y"), BOXES, "redo", "Make the change again", When.REDO, toolbar=True),
    ActionSpec("duplicate", "Duplicate box", lambda c: c.reading.duplicate_selected(), ("Ctrl+D",), BOXES, "duplicate", "Copy the selected box", When.BOX, separator=True),
    ActionSpec("snap", "Snap to network box", _snap, ("B",), BOXES, tip="Give the selected box the edges of the network's box under it", when=When.BOX),
    ActionSpec("snap-outline", "Snap to the outline of the map", _snap_to_outline, ("Shift+B",), BOXES, tip="Give the selected finding the outline of the map's piece under it", when=When.BOX),
    ActionSpec("accept", "Accept network box", _judge(Verdict.ACCEPTED), ("Y",), BOXES, tip="Take over the network's next box as yours", when=When.MAP, separator=True),
    ActionSpec("correct", "Correct network box", _judge(Verdict.CORRECTED), ("J",), BOXES, tip="Take it over, to be changed", when=When.MAP),
    ActionSpec("reject", "Reject network box", _judge(Verdict.REJECTED), ("N",), BOXES, tip="Say that the network's next box marks nothing", when=When.MAP),
    ActionSpec("label-sets", "Label sets…", lambda c: c.dialogs.label_sets(), ("Ctrl+Shift+L",), BOXES, tip="Which labels the number keys give, and sets of your own", separator=True),
    ActionSpec("certainty", "Certainty: possible, probable, definite", lambda c: saying.step_certainty(c.reading), ("0",), BOXES, tip="How sure you are of the selected finding, one step on", when=When.BOX, separator=True),
    ActionSpec("laterality", "Side: right, left, both", lambda c: saying.step_laterality(c.reading), ("Shift+K",), BOXES, tip="The patient's side of the selected finding", when=When.BOX),
    ActionSpec("delete", "Delete", _delete, ("Del", "Backspace"), BOXES, "delete", "Delete the selected box or measurement", When.SELECTION, Scope.CANVAS),
    ActionSpec("deselect", "Select nothing", _deselect, ("Esc",), BOXES, when=When.SELECTION, scope=Scope.CANVAS),
    *(ActionSpec(f"label-{n}", f"Label {n} of the set", _label(n), (str(n),), when=When.IMAGE, scope=Scope.CANVAS) for n in range(1, 10)),
    *(ActionSpec(f"study-finding-{n}", f"Label {n} as a finding of the whole study", _study_finding(n), (f"Alt+{n}",), when=When.READING) for n in range(1, 10)),
    ActionSpec("finish", "Close the outline", _finish, ("Return", "Enter"), when=When.BOX, scope=Scope.CANVAS),
    ActionSpec("left", "Move left", _nudge(-1, 0), ("Left",), when=When.SELECTION, scope=Scope.CANVAS),
    ActionSpec("right", "Move right", _nudge(1, 0), ("Right",), when=When.SELECTION, scope=Scope.CANVAS),
    ActionSpec("up", "Move up", _nudge(0, -1), ("Up",), when=When.SELECTION, scope=Scope.CANVAS),
    ActionSpec("down", "Move down", _nudge(0, 1), ("Down",), when=When.SELECTION, scope=Scope.CANVAS),
    ActionSpec("far-left", "Move left by 10", _nudge(-FAR, 0), ("Shift+Left",), when=When.SELECTION, scope=Scope.CANVAS),
    ActionSpec("far-right", "Move right by 10", _nudge(FAR, 0), ("Shift+Right",), when=When.SELECTION, scope=Scope.CANVAS),
    ActionSpec("far-up", "Move up by 10", _nudge(0, -FAR), ("Shift+Up",), when=When.SELECTION, scope=Scope.CANVAS),
    ActionSpec("far-down", "Move down by 10", _nudge(0, FAR), ("Shift+Down",), when=When.SELECTION, scope=Scope.CANVAS),
    ActionSpec("commit", "Commit, or amend with a reason", lambda c: c.dialogs.commit(), ("Ctrl+Return", "Ctrl+Enter"), READING, tip="Lock the reading as it stands; a committed one is opened again for a reason", when=When.READING),
    ActionSpec("reader", "Change the reader…", lambda c: c.dialogs.reader(), ("Ctrl+R",), READING, tip="Who reads, and in which role"),
    ActionSpec("readers", "Compare readers…", lambda c: c.dialogs.readers(), ("Shift+M",), READING, tip="Any two of readers, reference and network held against each other on the image", when=When.IMAGE, separator=True),
    ActionSpec("agreement", "Agreement of readers…", lambda c: c.dialogs.agreement(), ("Ctrl+Shift+M",), READING, tip="Kappa, alpha, matched IoU and F1 of all readers of the library, and their consensus", when=When.UNVEILED),
    ActionSpec("import-readings", "Import readings…", lambda c: c.dialogs.import_readings(), (), READING, tip="Boxes of files as readings of the listed images; each reader of a file is one here"),
    ActionSpec("blinded", "Commit, then reveal", _toggle_blinded, (), READING, tip="Hide the network and other readers until the first reading is committed", when=When.FREE, separator=True, checked=lambda c: c.first.on),
    ActionSpec("toggle-map", "Show or hide the map", _toggle_map, ("A",), NETWORK, when=When.MAP),
    ActionSpec("toggle-contour", "Show or hide its contour", _toggle_contour, ("C",), NETWORK, when=When.MAP),
    ActionSpec("compare", "Compare methods…", lambda c: c.dialogs.compare(), ("Ctrl+M",), NETWORK, "grid", "Maps of several methods side by side", When.MAP, separator=True),
    ActionSpec("units", "Inside the network…", lambda c: c.dialogs.units(), ("U",), NETWORK, tip="Walk from a layer to its units to the map of what flows through one", when=When.SCORES),
    ActionSpec("trust", "Trust in this map…", lambda c: c.dialogs.trust(), ("Shift+T",), NETWORK, tip="Whether the map follows the network, the score follows the map, and small changes leave it alone", when=When.MAP),
    ActionSpec("study", "Many images…", lambda c: c.dialogs.study(), ("Shift+N",), NETWORK, tip="Results of a data set: right or wrong, looked there or elsewhere, with worklists", when=When.SIGHTED, separator=True),
    ActionSpec("next-case", "Next case of the worklist", lambda c: c.dialogs.next_case(), ("Ctrl+PgDown",), NETWORK, when=When.SIGHTED),
    ActionSpec("previous-case", "Previous case of the worklist", lambda c: c.dialogs.previous_case(), ("Ctrl+PgUp",), NETWORK, when=When.SIGHTED),
    ActionSpec("model-card", "About the model…", lambda c: c.dialogs.model_card(), (), NETWORK, when=When.MODEL),
    ActionSpec("palette", "Find a command…", lambda c: c.dialogs.palette(), ("Ctrl+K", "Ctrl+Shift+P"), HELP, tip="Every command by a few letters of its name"),
    ActionSpec("keys", "Keys and mouse", lambda c: c.dialogs.keys(), ("F1",), HELP),
    ActionSpec("shortcuts", "Change keys…", lambda c: c.dialogs.shortcuts(), (), HELP, tip="Give actions other keys"),
    ActionSpec("pattern", "Monitor test pattern…", lambda c: c.dialogs.pattern(), (), HELP, tip="Judge the screen before the image"),
    ActionSpec("about", "About CXR Desktop", lambda c: c.dialogs.about(), (), HELP),
)  # fmt: skip

HELD_KEYS = ("H", "Space", "X")
"""Keys that act while they are held; no action can have them."""

GESTURES: tuple[tuple[str, str], ...] = (
    ("Hold Space or H", "Hide everything that lies on the image"),
    ("Hold X", "Magnify what lies under the mouse"),
    ("Left drag", "The armed tool"),
    ("Right drag", "Window: width across, centre up and down"),
    ("Middle drag", "Move the image"),
    ("Wheel", "Zoom at the mouse; of a file of several frames, the next or previous frame"),
    ("Ctrl+Wheel", "Next or previous image; of a file of several frames, zoom at the mouse"),
    ("Drop files on the window", "Open them"),
)
"""Keys and mouse movements that are no commands, for the help page."""


def met(commands: Commands) -> dict[When, bool]:
    """Which conditions hold now."""
    session, reading, measurements = commands.session, commands.reading, commands.measurements
    shown, still = session.shown, session.passing is None
    return {
        When.ALWAYS: True,
        When.IMAGE: shown is not None,
        When.BOX: still and reading.selected_box is not None,
        When.SELECTION: still
        and (reading.selected_box is not None or measurements.selected_item is not None),
        When.MEASUREMENTS: still and bool(measurements.present),
        When.UNDO: still and commands.undoing.can_undo,
        When.REDO: still and commands.undoing.can_redo,
        When.MAP: session.heat is not None,
        When.SCORES: session.scores_revealed,
        When.MODEL: commands.inference.model is not None,
        When.FRAMES: shown is not None and shown.radiograph.header.frames > 1,
        When.STATES: still and bool(commands.states.offered),
        When.OVERLAYS: bool(session.overlays),
        When.READING: still and commands.first.at_hand,
        When.FREE: not commands.first.required,
        When.SIGHTED: not commands.first.on,
        When.UNVEILED: not session.veiled,
        When.REPORT: session.scores_revealed or session.veiled,
    }
