#!/usr/bin/python3
"""A Tornado application that hands its slow work to Errand (Debian: python3-tornado).

POST /orders   places an order: the confirmation is sent by a task, and the answer does not wait
GET /orders/ID tells how far that task is

ERRAND_URL and ERRAND_TOKEN say where Errand is and who we are; the token needs the scope submit.
"""
import json
import os
import sys
import uuid

import tornado.httpclient
import tornado.httpserver
import tornado.ioloop
import tornado.netutil
import tornado.web

ERRAND_URL = os.environ.get("ERRAND_URL", "http://127.0.0.1:8002")
ERRAND_TOKEN = os.environ.get("ERRAND_TOKEN", "")


async def errand(method, path, body=None, headers=None):
    """One call of Errand's API. No answer and 503 are worth a second try: with an Idempotency-Key it
    makes no second task."""
    headers = dict(headers or {})
    if ERRAND_TOKEN:
        headers["Authorization"] = "Bearer " + ERRAND_TOKEN
    if body is not None:
        headers["Content-Type"] = "application/json"
        body = json.dumps(body)
    client = tornado.httpclient.AsyncHTTPClient()
    for last_try in (False, True):
        try:
            answer = await client.fetch(ERRAND_URL + path, method=method, body=body,
                                        headers=headers, allow_nonstandard_methods=True)
            return json.loads(answer.body)
        except tornado.httpclient.HTTPClientError as error:
            if last_try or error.code not in (503, 599):
                raise
        except OSError:
            if last_try:
                raise


TAGS = {"app": "orders"}  # On every task of ours, and on no other's.


class Orders(tornado.web.RequestHandler):
    async def post(self):
        task = await errand("POST", "/v1/tasks",
                            {"kind": "echo", "args": {"mail": "confirmation"}, "tags": TAGS,
                             "max_attempts": 8},
                            {"Idempotency-Key": "order-" + str(uuid.uuid4())})
        self.set_status(202)
        self.set_header("Location", "/orders/" + task["id"])
        self.write({"order": task["id"]})


class Order(tornado.web.RequestHandler):
    async def get(self, order):
        try:
            task = await errand("GET", f"/v1/tasks/{order}?wait_s=5")
        except tornado.httpclient.HTTPClientError as error:
            raise tornado.web.HTTPError(404 if error.code == 404 else 502)
        if task["tags"] != TAGS:
            raise tornado.web.HTTPError(404)
        self.write({"state": task["state"], "result": task["result"]})


def main():
    port = int(sys.argv[1]) if len(sys.argv) > 1 else 8000
    app = tornado.web.Application([(r"/orders", Orders), (r"/orders/([0-9a-f-]{36})", Order)])
    sockets = tornado.netutil.bind_sockets(port, "127.0.0.1")
    tornado.httpserver.HTTPServer(app).add_sockets(sockets)
    print("listening on", sockets[0].getsockname()[1], flush=True)
    tornado.ioloop.IOLoop.current().start()


if __name__ == "__main__":
    main()
