"""A deliberately vulnerable one-stop-shop page, attacked while demo/attack was recorded. Never expose it.

It really concatenates SQL, really keeps any uploaded file and really runs `cmd` in a shell when a .php below /uploads is
asked for. Business events go to the file named by APP_LOG, one JSON object a line, as the ingest API takes them.
"""

import hashlib
import json
import os
import sqlite3
import subprocess
import urllib.parse
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

UPLOADS = {}
DATABASE = sqlite3.connect(":memory:", check_same_thread=False)
DATABASE.execute("create table hoso (id integer, ten text, trangthai text)")
DATABASE.executemany(
    "insert into hoso values (?, ?, ?)",
    [(n, name, "dang-xu-ly") for n, name in enumerate(["Nguyễn Văn An", "Trần Thị Bình", "Phạm Đức Cường"] * 40, start=26112200)],
)


def business_event(handler, user, action, **fields):
    event = {
        "time": datetime.now(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "service": "motcua",
        "host": "motcua-web01",
        "user": user,
        "src_ip": handler.headers.get("X-Real-IP", handler.client_address[0]),
        "action": action,
        "result": "success",
        **fields,
    }
    with open(os.environ["APP_LOG"], "a", encoding="utf-8") as log:
        log.write(json.dumps(event, ensure_ascii=False) + "\n")


class Victim(BaseHTTPRequestHandler):
    def answer(self, status, text):
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        query = urllib.parse.parse_qs(url.query)
        if url.path in ("/", "/tin-tuc/", "/thu-tuc/dat-dai") or url.path.startswith("/tin-tuc/no-hu"):
            return self.answer(200, "<h1>Cổng dịch vụ công</h1>")
        if url.path == "/tra-cuu":
            try:
                rows = DATABASE.execute("select * from hoso where id = " + query.get("mahoso", [""])[0]).fetchall()
            except sqlite3.Error as error:
                return self.answer(500, str(error))
            return self.answer(200, json.dumps(rows, ensure_ascii=False))
        if url.path.startswith("/api/hoso/"):
            dossier = url.path.rsplit("/", 1)[1]
            business_event(self, query.get("user", [""])[0], "citizen_record_read", dossier_id=dossier, citizen_id_hash=hashlib.sha256(dossier.encode()).hexdigest()[:16])
            return self.answer(200, "{}")
        if url.path in UPLOADS and url.path.endswith(".php"):
            command = query.get("cmd", ["true"])[0]
            return self.answer(200, subprocess.run(["/bin/sh", "-c", command], capture_output=True, text=True, check=False).stdout)
        return self.answer(404, "Không tìm thấy")

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", "0")))
        name = "/uploads/" + urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query).get("name", ["tep"])[0]
        UPLOADS[name] = body
        self.answer(200, name)

    def log_message(self, *_):
        pass


ThreadingHTTPServer(("127.0.0.1", 8000), Victim).serve_forever()
