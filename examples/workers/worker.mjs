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

async function attempt({ token, task }) {
  const unwanted = new AbortController();
  const keep = setInterval(async () => {
    const { leases } = await call("/v1/leases/heartbeat", { leases: [{ token }] });
    if (leases[0].status !== "ok") unwanted.abort(); // it is cancelled, or no longer ours
  }, (lease_s * 1000) / 3);
  const end = await run(task, unwanted.signal).then(
    (result) => ({ outcome: "succeeded", result }),
    ({ name, message }) => ({ outcome: "failed", error: { type: name, message } }),
  );
  await call("/v1/leases/finish", { leases: [{ token, ...end }] });
  clearInterval(keep);
}

async function work() {
  // Who has many tasks that take no time leases more of them at once, and finishes them together.
  const wanted = { kinds: ["shout"], max: 1, lease_s, wait_s: 5, worker: name };
  while (!stopping)
    for (const lease of (await call("/v1/leases", wanted)).leases) await attempt(lease);
}

process.on("SIGTERM", () => (stopping = true));
await Promise.all([1, 2, 3, 4].map(work)); // so many tasks at a time
await call(`/v1/workers/${name}`, {}, "DELETE");
