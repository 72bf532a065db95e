// Runs tasks of the kind "shout" for an Errand server: node worker.mjs [URL] [NAME]. Node 18 or newer.
import { setTimeout as pause } from "node:timers/promises";

const [url = "http://127.0.0.1:8002", name = `node-${process.pid}`] = process.argv.slice(2);
const lease_s = Number(process.env.LEASE_S ?? 30);
const headers = { "Content-Type": "application/json" };
if (process.env.ERRAND_TOKEN) headers.Authorization = `Bearer ${process.env.ERRAND_TOKEN}`;
let stopping = false;

async function call(path, body, method = "POST", triesAtStop = 5) {
  for (;;) {
    const options = { method, headers, body: JSON.stringify(body) };
    const answer = await fetch(url + path, options).catch(() => ({ status: 503 }));
    if (answer.ok) return answer.status === 204 ? null : answer.json();
    // No server, or one that is busy or restarts: try again.
    if (![429, 503].includes(answer.status) || (stopping && triesAtStop-- === 0))
      throw new Error(`${path}: ${answer.status}`);
    await pause(1000);
  }
}

/** What the task is: its args in, its result out. What it throws fails the attempt. */
async function run({ args }, unwanted) {
  await pause((args.seconds ?? 0) * 1000, null, { signal: unwanted }); // what takes long should heed it
  return args.text.toUpperCase();
}

const held = new Map(); // by the token of each lease that we have: tells run() that nobody wants it
const finish = async (...ends) => {
  if (ends.length > 0) await call("/v1/leases/finish", { leases: ends });
  for (const { token } of ends) held.delete(token);
};

async function attempt({ token, task }) {
  const end = await run(task, held.get(token).signal).then(
    (result) => ({ outcome: "succeeded", result }),
    ({ name, message }) => ({ outcome: "failed", error: { type: name, message } }),
  );
  await finish({ token, ...end });
}

// Puts the ends of the leases off until they are finished.
setInterval(async () => {
  const leases = [...held.keys()].map((token) => ({ token }));
  const told = leases.length > 0 ? await call("/v1/leases/heartbeat", { leases }) : { leases };
  for (const { token, status } of told.leases)
    if (status !== "ok") held.get(token)?.abort(); // it is cancelled, or no longer ours
}, (lease_s * 1000) / 3).unref();

const waiting = []; // leases whose tasks have not begun; four run at a time
process.on("SIGTERM", () => {
  stopping = true;
  finish(...waiting.splice(0).map(({ token }) => ({ token, outcome: "released" })));
});
async function runWaiting() {
  for (let lease; !stopping && (lease = waiting.shift()); ) await attempt(lease);
}
while (!stopping) {
  const wanted = { kinds: ["shout"], max: 100, lease_s, wait_s: 5, worker: name };
  waiting.push(...(await call("/v1/leases", wanted)).leases);
  for (const { token } of waiting) held.set(token, new AbortController());
  await Promise.all([1, 2, 3, 4].map(runWaiting));
}
await call(`/v1/workers/${name}`, {}, "DELETE"); // gives back what was leased meanwhile
