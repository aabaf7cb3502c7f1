#!/usr/bin/env python3
"""Web servers of several characters over one folder, for mirror.sh: mirror_server.py MODE FOLDER PORT LOG
plain: python's own, which knows no ranges; cut: knows ranges and breaks each connection after 2,500,000 bytes; lie: right
sizes, wrong bytes; page: a sign-in page for everything; missing: 404; slow: 1 kB a second; away: redirects to a file and to
other schemes; busy: 503. Each request is a line in LOG: path, range, status."""
import http.server, os, re, sys, time

mode, folder, port, log = sys.argv[1], sys.argv[2], int(sys.argv[3]), sys.argv[4]


class Handler(http.server.SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, *rest):
        super().__init__(*rest, directory=folder)

    def log_message(self, form, *values):
        pass

    def log_request(self, code="-", size="-"):
        with open(log, "a") as file:
            print(self.path, self.headers.get("Range", "-"), int(code), file=file)

    def answer(self, code, body, **headers):
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        return body

    def content(self):
        try:
            with open(os.path.join(folder, self.path.lstrip("/")), "rb") as file:
                return file.read()
        except OSError:
            return None

    def part(self):
        data = self.content()
        if data is None:
            return self.answer(404, b"no such content\n")
        asked = re.fullmatch(r"bytes=(\d+)-(\d+)", self.headers.get("Range", ""))
        if not asked:
            return self.answer(200, data)
        start, end = int(asked[1]), min(int(asked[2]), len(data) - 1)
        return self.answer(206, data[start:end + 1], Content_Range=f"bytes {start}-{end}/{len(data)}")

    def do_GET(self):
        if mode == "plain":
            return super().do_GET()
        if mode == "missing":
            return self.wfile.write(self.answer(404, b"no\n"))
        if mode == "busy":
            return self.wfile.write(self.answer(503, b"later\n"))
        if mode == "page":
            return self.wfile.write(self.answer(200, b"<html>Please sign in to this network</html>\n"))
        if mode == "away":
            self.answer(302, b"", Location="file:///etc/passwd" if len(self.path) % 2 else "ftp://127.0.0.1/x")
            return None
        body = self.part()
        if mode == "lie":
            body = bytes(255 - byte for byte in body)
        if mode == "cut":
            self.wfile.write(body[:2500000])
            self.close_connection = len(body) > 2500000
        elif mode == "slow":
            for at in range(0, len(body), 100):
                self.wfile.write(body[at:at + 100])
                self.wfile.flush()
                time.sleep(0.1)
        else:
            self.wfile.write(body)


http.server.ThreadingHTTPServer.daemon_threads = True
try:
    http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
except (BrokenPipeError, ConnectionResetError):
    pass
