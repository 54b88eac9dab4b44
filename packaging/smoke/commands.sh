# What the command line does in the empty root beyond the comparison; read by run.sh.
# Each part drives packages that a recipe is apt to lose: DICOM objects, transfer, worker processes.
# shellcheck shell=bash disable=SC2154

formats=$("$python" "$here/formats.py")
inside reader cxr-desktop analyze "$study/two.dcm" --method rap --formats "$formats" --out /home/reader/all \
    >"$folder/all.txt" 2>&1 || fail "every format: $(tail -5 "$folder/all.txt")"
for suffix in .sr.dcm .seg.dcm .pdf .html .csv .json .png; do
    ls "$home"/all/*"$suffix" >/dev/null 2>&1 || fail "analyze wrote no $suffix: $(ls "$home/all")"
done
inside reader cxr-desktop verify "/home/reader/all/$(basename "$(ls "$home"/all/*.pdf | head -n 1)")" --image "$study/two.dcm" \
    >"$folder/verify.txt" 2>&1 || fail "verify: $(tail -5 "$folder/verify.txt")"
passed "every format is written ($formats), the report verifies"

printf 'image\none-prior.dcm\none-current.dcm\n' >"$home/index.csv"
inside reader cxr-desktop evaluate /home/reader/index.csv --images "$study" --boxes "$study/boxes.csv" --methods gradcam \
    --workers 2 --units 0 --out /home/reader/evaluated >"$folder/evaluate.txt" 2>&1 || fail "evaluate: $(tail -5 "$folder/evaluate.txt")"
passed "evaluate with two worker processes"

inside reader cxr-desktop deidentify "$study/two.dcm" --out /home/reader/nameless >"$folder/deidentify.txt" 2>&1 ||
    fail "deidentify: $(tail -5 "$folder/deidentify.txt")"
inside reader cxr-desktop units "$study/two.dcm" --count 1 --out /home/reader/units >"$folder/units.txt" 2>&1 ||
    fail "units: $(tail -5 "$folder/units.txt")"
# On the loopback of this namespace, which has no other interface.
inside reader sh -c '
    set -e
    cxr-desktop nodes add self --host 127.0.0.1 --port 11112 --ae-title CXRDESKTOP
    cxr-desktop listen --out received --port 11112 --for 90 >listen.txt 2>&1 &
    listening=$!
    for _ in $(seq 40); do cxr-desktop nodes echo self >/dev/null 2>&1 && break; sleep 1; done
    cxr-desktop send --node self "$1"
    kill $listening 2>/dev/null || true
    find received -type f | grep -q .' sh "$study/two.dcm" >"$folder/transfer.txt" 2>&1 ||
    fail "send and listen: $(tail -5 "$folder/transfer.txt") $(cat "$home/listen.txt" 2>/dev/null)"
passed "deidentify, units, DICOM sent and received"

"$python" "$here/model_package.py" "$tree/resources/models/demo" "$home"
inside reader cxr-desktop models --install /home/reader/again.zip >"$folder/models.txt" 2>&1 ||
    fail "a model package: $(cat "$folder/models.txt")"
grep -q '^again ' "$folder/models.txt" || fail "the installed model is not listed: $(cat "$folder/models.txt")"
inside reader cxr-desktop models --install /home/reader/altered.zip >"$folder/models.txt" 2>&1 && fail "an altered model was taken"
grep -q 'SHA-256' "$folder/models.txt" || fail "an altered model: $(cat "$folder/models.txt")"
passed "a model package is installed from a file, an altered one is refused by its hash"
