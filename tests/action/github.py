"""A GitHub on the loopback interface, as much of it as the action talks to: releases, comments, and who a token is."""

import json
import re
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

TOKEN = "ghs_tokenOfTheRun"
ME = "github-actions[bot]"
PAGE = 100


class GitHub:
    def __init__(self):
        self.files = {}
        self.comments = []
        self.requests = []
        self.may_write = True
        self.knows_viewer = True
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def answer(self, status, body=b"", kind="application/json"):
                body = body if isinstance(body, bytes) else json.dumps(body).encode()
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def body(self):
                return json.loads(self.rfile.read(int(self.headers["Content-Length"])))

            def allowed(self):
                outer.requests.append((self.command, self.path))
                if self.headers.get("Authorization") == f"Bearer {TOKEN}":
                    return True
                self.answer(401, {"message": "Bad credentials"})
                return False

            def do_GET(self):
                if self.path.startswith("/releases/"):
                    outer.requests.append((self.command, self.path))
                    content = outer.files.get(self.path.removeprefix("/releases/"))
                    return self.answer(200, content, "application/octet-stream") if content is not None else self.answer(404)
                match = re.fullmatch(r"/repos/acme/shop/issues/7/comments\?per_page=100&page=(\d+)", self.path)
                if self.allowed():
                    if not match:
                        return self.answer(404, {})
                    start = (int(match[1]) - 1) * PAGE
                    self.answer(200, outer.comments[start : start + PAGE])

            def do_POST(self):
                if not self.allowed():
                    return
                body = self.body()
                if self.path == "/graphql":
                    data = {"data": {"viewer": {"login": ME}}} if outer.knows_viewer else {"errors": [{}]}
                    return self.answer(200, data)
                if self.path != "/repos/acme/shop/issues/7/comments":
                    return self.answer(404, {})
                if not outer.may_write:
                    return self.answer(403, {"message": "Resource not accessible by integration"})
                self.answer(201, outer.comment(ME, body["body"]))

            def do_PATCH(self):
                if not self.allowed():
                    return
                body = self.body()
                number = re.fullmatch(r"/repos/acme/shop/issues/comments/(\d+)", self.path)
                found = [one for one in outer.comments if number and one["id"] == int(number[1])]
                if not found:
                    return self.answer(404, {})
                if not outer.may_write or found[0]["user"]["login"] != ME:
                    return self.answer(403, {})
                found[0]["body"] = body["body"]
                self.answer(200, found[0])

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def comment(self, login, body):
        if len(body) > 65536:
            raise ValueError("GitHub takes no comment of that size")
        one = {"id": 1000 + len(self.comments), "user": {"login": login}, "body": body}
        self.comments.append(one)
        return one

    def written(self):
        return [request for request in self.requests if request[0] in ("POST", "PATCH") and request[1] != "/graphql"]
