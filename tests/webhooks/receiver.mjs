// A receiver as a user would write it: takes an http task's request and a callback, and verifies
// each with the library and either secret. Started by verify.
import { spawn } from "node:child_process";
import { createServer } from "node:http";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import assert from "node:assert/strict";
import { Webhook } from "standardwebhooks";

const secrets = [
  "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
  "whsec_" + Buffer.from("the secret that takes its place.").toString("base64"),
];

const waiting = new Map(); // path -> resolve
const receiver = createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", () => {
    response.end();
    waiting.get(request.url)?.({ headers: request.headers, body: Buffer.concat(chunks).toString() });
  });
});
const received = (path) => new Promise((resolve) => waiting.set(path, resolve));
await new Promise((resolve) => receiver.listen(0, "127.0.0.1", resolve));
const here = `http://127.0.0.1:${receiver.address().port}`;

const folder = mkdtempSync(join(tmpdir(), "errand-webhooks-"));
const server = spawn(
  process.argv[2],
  ["serve", "--port", "0", "--store", "sqlite::memory:", "--http-task-allow", "127.0.0.1", "--log-format", "json"],
  { cwd: folder, env: { PATH: process.env.PATH, ERRAND_HTTP_TASK_SECRETS: secrets.join(",") } },
);
let log = "";
const address = await new Promise((resolve, reject) => {
  server.stderr.on("data", (text) => {
    log += text;
    const found = log.match(/"address":"([^"]+)"/);
    if (found) resolve(found[1]);
  });
  server.on("exit", () => reject(new Error("the server ended:\n" + log)));
});

function verify({ headers, body }) {
  for (const secret of secrets) new Webhook(secret).verify(body, headers);
  assert.throws(() => new Webhook(secrets[0]).verify(body + " ", headers), "a body that was changed");
  const other = "whsec_" + Buffer.from("a secret that signed nothing....").toString("base64");
  assert.throws(() => new Webhook(other).verify(body, headers), "another secret");
}

try {
  const hook = received("/hook");
  const done = received("/done");
  const answer = await fetch(address + "/v1/tasks", {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({
      kind: "http",
      args: { url: here + "/hook", json: { text: "Grüße, \"Welt\"", n: 1.5 } },
      callback_url: here + "/done",
    }),
  });
  const { id } = await answer.json();
  assert.equal(answer.status, 202);

  const sent = await hook;
  verify(sent);
  assert.equal(sent.headers["webhook-id"], id);
  assert.deepEqual(JSON.parse(sent.body), { text: "Grüße, \"Welt\"", n: 1.5 });

  const told = await done;
  verify(told);
  assert.notEqual(told.headers["webhook-id"], id);
  assert.equal(told.headers["errand-task-id"], id);
  const task = JSON.parse(told.body);
  assert.equal(task.id, id);
  assert.equal(task.state, "succeeded");
  assert.equal(task.result.status, 200);

  assert(!log.includes("whsec_") && !log.includes("MfKQ9r8G"), "no secret in the log");
  console.log("standardwebhooks verified an http task and a callback");
} finally {
  server.removeAllListeners("exit");
  server.kill("SIGKILL");
  receiver.close();
  receiver.closeAllConnections?.();
  rmSync(folder, { recursive: true, force: true });
}
