# peers.sh: the same trees and archives by what others use, from Debian; sourced by packages.sh. Who is not installed is left out.

# As many bytes as the tree, in frames of 32 KiB, through ZeroMQ with CURVE and nothing else.
curve_measure() {
    [ -x "$curve" ] || return 0
    local size
    size=$(du -sb "$data/v1" | cut -f 1)
    at_hub "$curve" serve tcp://10.78.0.1:7799 "$bench/curve.key" "$size" &
    pids+=($!)
    sleep 0.5
    measure curve "raw, as many bytes" at_campus "$curve" fetch tcp://10.78.0.1:7799 "$bench/curve.key" && curve_ms=$last_ms
}

rsync_measure() {
    command -v rsync >/dev/null || return 0
    printf 'use chroot = no\n[d]\npath = %s\nread only = yes\n' "$data" >"$bench/rsyncd.conf"
    ip netns exec "$lan_a" rsync --daemon --no-detach --config "$bench/rsyncd.conf" --address 10.78.0.1 >/dev/null 2>&1 </dev/null &
    pids+=($!)
    sleep 0.5
    local kind
    for kind in "v1 v2 tree" "z1 z2 zip"; do
        set -- $kind
        measure rsync "$3: initial" at_campus rsync -a --zc=zstd rsync://10.78.0.1/d/"$1"/ "$bench/rsync-$3/"
        measure rsync "$3: update, zstd and --fuzzy" at_campus rsync -a --zc=zstd --fuzzy --delete-after rsync://10.78.0.1/d/"$2"/ "$bench/rsync-$3/"
    done
    rm -rf "$bench"/rsync-*
}

rsync_wan() { # CONGESTION
    command -v rsync >/dev/null || return 0
    cp -a "$data/v1" "$bench/rsync-wan" && wan_open 10000000 75 0.01 300 "$1" || return 1
    printf 'use chroot = no\n[d]\npath = %s\nread only = yes\n' "$data" >"$bench/rsyncd.conf"
    ip netns exec "$lan_a" rsync --daemon --no-detach --config "$bench/rsyncd.conf" --address 10.78.0.1 >/dev/null 2>&1 </dev/null &
    pids+=($!)
    sleep 0.5
    measure rsync "tree: update, bad link, $wan_congestion" at_campus timeout 200 rsync -a --zc=zstd --fuzzy --delete-after rsync://10.78.0.1/d/v2/ "$bench/rsync-wan/"
    pids_end
    wan_shut
    rm -rf "$bench/rsync-wan"
}

serve_http() { # FOLDER PORT
    (cd "$1" && exec ip netns exec "$lan_a" python3 -m http.server --bind 10.78.0.1 "$2" >/dev/null 2>&1 </dev/null) &
    pids+=($!)
    sleep 1
}

casync_measure() {
    command -v casync >/dev/null || return 0
    mkdir -p "$bench/casync"
    local v
    for v in v1 v2; do
        casync make --store="$bench/casync/default.castr" "$bench/casync/$v.caidx" "$data/$v" >/dev/null 2>&1 || return 0
    done
    serve_http "$bench/casync" 8000
    measure casync "tree: initial" at_campus casync extract --store=http://10.78.0.1:8000/default.castr http://10.78.0.1:8000/v1.caidx "$bench/casync-out1"
    measure casync "tree: update" at_campus casync extract --seed="$bench/casync-out1" --store=http://10.78.0.1:8000/default.castr \
        http://10.78.0.1:8000/v2.caidx "$bench/casync-out2"
    rm -rf "$bench"/casync*
}

# Debian's python server knows no ranges, which zsync needs: a few lines that do.
zsync_measure() {
    command -v zsync >/dev/null && command -v zsyncmake >/dev/null || return 0
    mkdir -p "$bench/zsync"
    ln "$data/z2/courses.zip" "$bench/zsync/courses.zip" 2>/dev/null || cp "$data/z2/courses.zip" "$bench/zsync/courses.zip"
    (cd "$bench/zsync" && zsyncmake -u http://10.78.0.1:8001/courses.zip courses.zip >/dev/null 2>&1)
    (cd "$bench/zsync" && exec ip netns exec "$lan_a" python3 - >/dev/null 2>&1 <<'PY') &
import http.server, os, re
class Ranges(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    def do_GET(self):
        path = self.path.lstrip("/")
        size = os.path.getsize(path)
        spans = [(int(a), int(b)) for a, b in re.findall(r"(\d+)-(\d+)", self.headers.get("Range", ""))] or [(0, size - 1)]
        with open(path, "rb") as f:
            if len(spans) == 1:
                a, b = spans[0]; f.seek(a); body = f.read(b - a + 1)
                kind, extra = "application/octet-stream", "bytes %d-%d/%d" % (a, b, size)
            else:
                body = b""
                for a, b in spans:
                    f.seek(a)
                    body += b"\r\n--z\r\nContent-Type: application/octet-stream\r\nContent-Range: bytes %d-%d/%d\r\n\r\n" % (a, b, size) + f.read(b - a + 1)
                body += b"\r\n--z--\r\n"
                kind, extra = "multipart/byteranges; boundary=z", None
        self.send_response(206 if "Range" in self.headers else 200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if extra and "Range" in self.headers:
            self.send_header("Content-Range", extra)
        self.end_headers()
        self.wfile.write(body)
http.server.ThreadingHTTPServer(("10.78.0.1", 8001), Ranges).serve_forever()
PY
    pids+=($!)
    sleep 1
    (cd "$bench" && measure zsync "zip: update" at_campus zsync -q -i "$data/z1/courses.zip" -o "$bench/zsync.out" http://10.78.0.1:8001/courses.zip.zsync)
    rm -rf "$bench"/zsync*
}

# --- Syncthing: two instances that know only each other ---
syncthing_home() { # HOME FOLDER LISTEN OTHER_ID OTHER_ADDRESS
    python3 - "$@" <<'PY'
import sys, xml.etree.ElementTree as tree
home, folder, listen, other, address = sys.argv[1:]
path = home + "/config.xml"
doc = tree.parse(path)
root = doc.getroot()
for device in root.findall("folder") + [d for d in root.findall("device") if d.get("id") == other]:
    root.remove(device)
own = root.find("device").get("id")
tree.SubElement(tree.SubElement(root, "device", id=other, name="other", compression="always"), "address").text = address
shared = tree.SubElement(root, "folder", id="d", label="d", path=folder, type="sendreceive", rescanIntervalS="0", fsWatcherEnabled="false")
for name in (own, other):
    tree.SubElement(shared, "device", id=name)
options = root.find("options")
for name, value in (("listenAddress", listen), ("globalAnnounceEnabled", "false"), ("localAnnounceEnabled", "false"), ("relaysEnabled", "false"),
                    ("natEnabled", "false"), ("urAccepted", "-1"), ("crashReportingEnabled", "false"), ("startBrowser", "false"), ("autoUpgradeIntervalH", "0")):
    for old in options.findall(name):
        options.remove(old)
    tree.SubElement(options, name).text = value
root.find("gui").find("address").text = "127.0.0.1:8384"
root.find("gui").find("apikey").text = "bench"
doc.write(path)
PY
}

syncthing_ask() { # NAMESPACE METHOD PATH
    ip netns exec "$1" curl -s -m 20 -X "$2" -H 'X-API-Key: bench' "http://127.0.0.1:8384/rest/$3"
}

syncthing_run() { # NAMESPACE HOME
    ip netns exec "$1" syncthing serve --no-browser --no-restart --home="$bench/$2" >/dev/null 2>&1 </dev/null &
    pids+=($!)
    local i
    for i in $(seq 100); do
        ! syncthing_ask "$1" GET system/ping | grep -q pong || return 0
        sleep 0.1
    done
    return 1
}

syncthing_state() { # NAMESPACE
    syncthing_ask "$1" GET 'db/status?folder=d' | gojq -r '"\(.localFiles) \(.localBytes) \(.globalBytes) \(.needFiles) \(.state)"' 2>/dev/null
}

# The hub has found all files, and the campus has all that the hub has.
syncthing_wait() { # FILES
    local i hub='' campus=''
    for i in $(seq 3000); do
        hub=$(syncthing_state "$lan_a") campus=$(syncthing_state "$lan_b")
        case $hub in
        "$1 "*" 0 idle") [ "$hub" != "$campus" ] || return 0 ;;
        esac
        sleep 0.05
    done
    echo "hub $hub, campus $campus"
    return 1
}

syncthing_measure() {
    command -v syncthing >/dev/null && command -v curl >/dev/null || return 0
    local hub campus kind pair
    for kind in "v1 v2 tree" "z1 z2 zip"; do
        pids_end
        set -- $kind
        rm -rf "$bench/st-hub" "$bench/st-campus" "$bench/st-d" "$bench/st-e"
        mkdir -p "$bench/st-d" "$bench/st-e"
        cp -a "$data/$1/." "$bench/st-d/"
        hub=$(syncthing generate --no-default-folder --skip-port-probing --home="$bench/st-hub" 2>&1 | grep -o 'Device ID: .*\|device=.*' | grep -oE '[A-Z0-9]{7}(-[A-Z0-9]{7}){7}' | head -n 1)
        campus=$(syncthing generate --no-default-folder --skip-port-probing --home="$bench/st-campus" 2>&1 | grep -oE '[A-Z0-9]{7}(-[A-Z0-9]{7}){7}' | head -n 1)
        hub=${hub:-$(syncthing --device-id --home="$bench/st-hub")}
        syncthing_home "$bench/st-hub" "$bench/st-d" tcp://10.78.0.1:22000 "$campus" tcp://10.78.0.2:22000 &&
            syncthing_home "$bench/st-campus" "$bench/st-e" tcp://10.78.0.2:22000 "$hub" tcp://10.78.0.1:22000 || return 1
        measure syncthing "$3: initial, scan included" syncthing_first "$3" "$data/$1" && { [ "$3" != tree ] || syncthing_ms=$last_ms; }
        measure syncthing "$3: update" syncthing_update "$data/$2"
    done
    pids_end
    rm -rf "$bench"/st-*
}
count_of() { find "$1" -type f | wc -l; }
syncthing_first() {
    syncthing_run "$lan_a" st-hub && syncthing_run "$lan_b" st-campus && syncthing_wait "$(count_of "$2")"
}
syncthing_update() {
    rsync -a --delete --exclude .stfolder "$1/" "$bench/st-d/" && syncthing_ask "$lan_a" POST 'db/scan?folder=d' && syncthing_wait "$(count_of "$1")"
}
