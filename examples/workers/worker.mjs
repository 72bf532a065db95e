// Runs tasks of the kind "shout" for an Errand server: node worker.mjs [URL] [NAME]. Node 18 or newer.
const [url = "http://127.0.0.1:8002", name = `node-${process.pid}`] = process.argv.slice(2);
const headers = { "Content-Type": "application/json" };
let stopping = false;
process.on("SIGTERM", () => (stopping = true));
if (process.env.ERRAND_TOKEN) headers.Authorization = `Bearer ${process.env.ERRAND_TOKEN}`;

async function call(path, body, method = "POST") {
  for (;;) {
    const options = { method, headers, body: JSON.stringify(body) };
    const answer = await fetch(url + path, options).catch(() => ({ status: 503 }));
    if (answer.ok) return answer.status === 204 ? null : answer.json();
    // No server, or one that is busy or restarts: try again.
    if (stopping || ![429, 503].includes(answer.status)) throw new Error(`${path}: ${answer.status}`);
    await new Promise((resolve) => setTimeout(resolve, 1000));
  }
}

/** What the task is: its args in, its result out. What it throws fails the attempt. */
async function run(task) {
  return task.args.text.toUpperCase();
}

async function end({ token, task }) {
  try {
    return { token, outcome: "succeeded", result: await run(task) };
  } catch (error) {
    return { token, outcome: "failed", error: { type: error.name, message: error.message } };
  }
}

// Puts the ends of the leases off while their tasks run.
let held = [];
setInterval(() => {
  if (held.length > 0) call("/v1/leases/heartbeat", { leases: held }).catch(console.error);
}, 10_000).unref();

const wanted = { kinds: ["shout"], max: 100, lease_s: 30, wait_s: 5, worker: name };
while (!stopping) {
  const { leases } = await call("/v1/leases", wanted);
  held = leases.map(({ token }) => ({ token }));
  const ends = await Promise.all(leases.map(end));
  if (ends.length > 0) await call("/v1/leases/finish", { leases: ends });
  held = [];
}
await call(`/v1/workers/${name}`, {}, "DELETE");
