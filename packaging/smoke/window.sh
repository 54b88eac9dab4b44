# The window in the empty root, driven by mouse and keys; read by run.sh.
# shellcheck shell=bash disable=SC2154

number=97
while [ -e "/tmp/.X11-unix/X$number" ]; do number=$((number + 1)); done
# Without -noreset the screen starts anew whenever its last window goes, and refuses who comes meanwhile.
Xvfb ":$number" -screen 0 1600x1000x24 -ac -noreset -nolisten tcp >/dev/null 2>&1 &
screen=$!
trap 'kill $screen 2>/dev/null || true' EXIT
export DISPLAY=:$number
for _ in $(seq 100); do xdotool getmouselocation >/dev/null 2>&1 && break; sleep 0.1; done

window_of() { xdotool search --onlyvisible --name "^$1" 2>/dev/null | tail -1; }
await_window() { # TITLE SECONDS
    local end=$((SECONDS + $2))
    until [ -n "$(window_of "$1")" ]; do
        [ "$SECONDS" -lt "$end" ] || fail "no window '$1' within $2 s: $(cat "$folder/window.log")"
        sleep 0.02
    done
}
open_window() { # prints the seconds until it stands
    local begun
    begun=$(date +%s.%N)
    inside reader cxr-desktop demo >"$folder/window.log" 2>&1 &
    program=$!
    await_window "CXR Desktop" 60
    echo "$(date +%s.%N) $begun" | awk '{printf "%.2f", $1 - $2}' >"$folder/seconds"
}
close_window() {
    xdotool windowfocus --sync "$(window_of "CXR Desktop")"
    xdotool key ctrl+q
    wait "$program" || fail "the window ended with $?: $(cat "$folder/window.log")"
}
picture() { "$python" -c 'import sys; from PIL import ImageGrab; ImageGrab.grab(xdisplay=sys.argv[1]).save(sys.argv[2])' "$DISPLAY" "$1"; }

sync
echo 3 2>/dev/null >/proc/sys/vm/drop_caches && cold="cold" || cold="not cold: the caches cannot be dropped here"
open_window
first=$(cat "$folder/seconds")
window=$(window_of "CXR Desktop")
xdotool windowfocus --sync "$window"

# The export command works once the image has its scores.
end=$((SECONDS + 180))
until [ -n "$(window_of "Export report")" ]; do
    [ "$SECONDS" -lt "$end" ] || { picture "$out/smoke-failed.png"; fail "the demo study got no scores within 180 s"; }
    xdotool key ctrl+e
    sleep 1
done
xdotool key Escape
sleep 1
xdotool windowfocus --sync "$window" key d
eval "$(xdotool getwindowgeometry --shell "$window")"
left=$((X + WIDTH * 35 / 100)) top=$((Y + HEIGHT * 40 / 100))
xdotool mousemove $left $top mousedown 1
for step in 20 60 100 140; do xdotool mousemove $((left + step)) $((top + step)); sleep 0.05; done
xdotool mouseup 1
sleep 1
picture "$out/smoke-window.png"
xdotool key ctrl+e
await_window "Export report" 20
xdotool windowfocus --sync "$(window_of "Export report")" key Return
reports="$home/CXR Desktop reports"
end=$((SECONDS + 180))
until ls "$reports"/*.pdf "$reports"/*.json >/dev/null 2>&1; do
    [ "$SECONDS" -lt "$end" ] || { picture "$out/smoke-failed.png"; fail "no report within 180 s: $(cat "$folder/window.log")"; }
    sleep 0.5
done
sleep 2
picture "$out/smoke-export.png"
xdotool windowfocus --sync "$(window_of "Export report")" key Escape
close_window
"$python" "$here/exported.py" "$reports" "$folder/here" || fail "the window's report differs from the source tree's"
passed "the window: demo study, a box drawn, report exported; pictures in $out"

warm=""
for _ in 1 2 3; do
    open_window
    warm="$warm $(cat "$folder/seconds")"
    sleep 1
    close_window
done
printf 'first window after %s s (%s), warm after%s s\n' "$first" "$cold" "$warm" | tee "$out/smoke-times.txt"
