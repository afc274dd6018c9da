"""A forward proxy as companies have them: forward_proxy.py ADDRESS PORT. Says where requests come
from, and prints one line for each."""

import http.client
import http.server
import sys
import urllib.parse


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def forward(self):
        there = urllib.parse.urlsplit(self.path)
        headers = {name: value for name, value in self.headers.items()
                   if name.lower() not in ("connection", "proxy-connection")}
        headers["X-Forwarded-For"] = self.client_address[0]
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            connection = http.client.HTTPConnection(there.hostname, there.port or 80, timeout=2)
            connection.request(self.command, there.path, body, headers)
            answer = connection.getresponse()
            status, content = answer.status, answer.read()
        except OSError:
            status, content = 504, b""
        print(self.command, self.path, status, flush=True)
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_PUT = do_POST = forward

    def log_message(self, *_):
        pass


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True


server = Server((sys.argv[1], int(sys.argv[2])), Handler)
print("ready", flush=True)
server.serve_forever()
