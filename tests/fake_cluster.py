"""The dashboard of a cluster as its HTTP API shows it: takes jobs, runs none, refuses an id that it knows."""

import json
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from candlecast.settings import ClusterSettings
from cluster.submit import ClusterClient


class FakeCluster:
    """What the server knows; tests write into it.

    `jobs` by submission id, `logs` by the same, `labels` of the nodes, `actors` their names, `token` that is
    asked for, "" for none, `taken` the bodies of accepted submissions, `refusals` texts with which the next
    submissions are refused, `drops` how many of the next questions end without an answer, `drops_answers` how many
    of the next submissions are taken and not answered.
    """

    def __init__(self, url: str = "") -> None:
        self.url = url
        self.jobs: dict[str, dict] = {}
        self.logs: dict[str, str] = {}
        self.labels: list[dict[str, str]] = [{"role": "serve"}]
        self.actors: list[str] = []
        self.token = ""
        self.taken: list[dict] = []
        self.refusals: list[str] = []
        self.drops = 0
        self.drops_answers = 0
        self.lock = threading.Lock()

    def client(self) -> ClusterClient:
        """A client of its own, as each process has."""
        return ClusterClient(ClusterSettings(jobs_url=self.url))

    def add(self, job_id: str, status: str = "RUNNING", *, entrypoint: str = "true", exit_code: int | None = None):
        self.jobs[job_id] = {
            "type": "SUBMISSION",
            "submission_id": job_id,
            "status": status,
            "entrypoint": entrypoint,
            "message": f"{job_id} is {status}",
            "driver_exit_code": exit_code,
            "start_time": 1_700_000_000_000,
        }

    def end(self, job_id: str, status: str, *, exit_code: int | None = None, said: str = "") -> None:
        self.jobs[job_id] |= {"status": status, "driver_exit_code": exit_code, "end_time": 1_700_000_060_000}
        self.logs[job_id] = said

    def submit(self, body: dict) -> tuple[int, object]:
        with self.lock:
            job_id = body.get("submission_id") or f"raysubmit_{len(self.jobs)}"
            if self.refusals:
                return 500, self.refusals.pop(0)
            if job_id in self.jobs:
                return 500, f"Job with submission_id {job_id} already exists"
            self.taken.append(body)
            self.add(job_id, "PENDING", entrypoint=body["entrypoint"])
        return 200, {"job_id": job_id, "submission_id": job_id}

    def answer(self, method: str, path: str, body: dict) -> tuple[int, object]:
        job_id = next(iter(re.findall(r"^/api/jobs/([^/?]+)", path)), "")
        if path.startswith("/api/version"):
            return 200, {"version": "4", "ray_version": "2.60.0", "ray_commit": "", "session_name": ""}
        if path.startswith("/api/v0/nodes"):
            nodes = [{"node_id": str(number), "labels": labels} for number, labels in enumerate(self.labels)]
            return 200, {"result": True, "msg": "", "data": {"result": {"result": nodes}}}
        if path.startswith("/api/v0/actors"):
            actors = [{"actor_id": str(number), "name": name} for number, name in enumerate(self.actors)]
            return 200, {"result": True, "msg": "", "data": {"result": {"result": actors}}}
        if path == "/api/jobs/":
            return self.submit(body) if method == "POST" else (200, list(self.jobs.values()))
        if job_id not in self.jobs:
            return 404, f"Job {job_id} does not exist"
        if method == "DELETE":
            return 200, {"deleted": self.jobs.pop(job_id) is not None}
        if path.endswith("/stop"):
            return 200, {"stopped": True}
        if path.endswith("/logs"):
            return 200, {"logs": self.logs.get(job_id, "")}
        return 200, self.jobs[job_id]


@contextmanager
def fake_cluster() -> Iterator[FakeCluster]:
    """Serve a fake cluster on loopback until the end of the block."""
    cluster = FakeCluster()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _handle(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else {}
            if cluster.drops:
                cluster.drops -= 1
                self.close_connection = True
                return
            shown = self.headers.get("Authorization", "Bearer ").removeprefix("Bearer ")
            status, said = (401, "no") if shown != cluster.token else cluster.answer(self.command, self.path, body)
            if cluster.drops_answers and self.command == "POST":
                cluster.drops_answers -= 1
                self.close_connection = True
                return
            content = (said if isinstance(said, str) else json.dumps(said)).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_DELETE = do_PUT = _handle

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True, kwargs={"poll_interval": 0.01})
    thread.start()
    cluster.url = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield cluster
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
