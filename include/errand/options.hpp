// How a server is set up: plain values with working defaults. Durations are in seconds.
//
// Each is also a key of errand.toml, an ERRAND_* variable and a flag of `errand serve`, save that
// routes and what has a name of its own (pools, queues, tokens, commands) stand in the file only,
// secrets (smtp.password, http_task.secrets) have no flag, `token` is ERRAND_TOKEN and nothing
// else, and what only programs need (defer_workers, max_deferred) has none of them.
#pragma once

#include <errand/time.hpp>

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#pragma GCC visibility push(default)
namespace errand {

/// What a 202 promises.
enum class Durability : uint8_t {
  commit,  ///< The task is on the disk: it survives a power cut. One fsync per batch of requests.
  relaxed, ///< The task is with the operating system: it survives a killed process.
};

enum class LogLevel : uint8_t { trace, debug, info, warn, error, off };
enum class LogFormat : uint8_t { text, json };

/// The HTTP side. Each limit has one answer when it is reached, named beside it.
struct HttpOptions {
  /// Host name or address. IPv6 without brackets. More than loopback means that others can reach
  /// it; they are answered only with tokens or no_auth.
  std::string listen = "127.0.0.1";

  /// 0 lets the system choose; the first log line and TaskServer::port() tell which.
  uint16_t port = 8002;

  /// Request line and headers together, bytes: 431 beyond.
  size_t max_header_bytes = 32 * 1024;

  /// Bytes of body after transfer decoding: 413 beyond, before the body is read where its length
  /// was announced. Raising it costs as much memory per request in flight.
  size_t max_body_bytes = 1024 * 1024;

  /// The same for a batch of tasks (POST /v1/tasks/batch), in place of max_body_bytes.
  size_t max_batch_bytes = 16 * 1024 * 1024;

  /// Bytes of the request target, at most 8192: 414 beyond.
  size_t max_uri_bytes = 8 * 1024;

  /// Open connections: beyond, new ones wait in the system's backlog. Lowered at start to what the
  /// process may open (ulimit -n), less 64.
  size_t max_connections = 10'000;

  /// Requests waiting for an answer: 503 beyond.
  size_t max_in_flight = 10'000;

  /// From a request's first byte to its last: 408 beyond.
  Seconds request_timeout{10};

  /// Without a byte between requests: closed beyond.
  Seconds idle_timeout{75};

  /// Without the client taking a byte of its answer: closed beyond.
  Seconds send_timeout{30};

  /// Names under which clients may address the server, without ports: 421 for another Host. Empty:
  /// any name where tokens are needed, and names without a dot with `no_auth`. Addresses,
  /// "localhost" and the name in `listen` always do.
  std::vector<std::string> hosts;

  /// Web pages of these origins ("https://app.example.org") may use the server from a browser: 403
  /// for others.
  std::vector<std::string> cors_origins;
};

/// How long tasks are kept once they have ended. Then they are deleted with all that belongs to
/// them, in the background, within a minute or two. 0 deletes them with the next pass; infinity
/// (std::numeric_limits<double>::infinity()) keeps them for ever.
struct RetentionOptions {
  Seconds succeeded{24 * 60 * 60};

  /// Also of cancelled ones.
  Seconds failed{14 * 24 * 60 * 60};
};

/// A token bucket: `limit` attempts may start at once, and so many every `per` in the long run.
struct RateLimit {
  int64_t limit = 0; ///< 1 to 1,000,000.
  Seconds per{0};    ///< A microsecond to 30 days.
};

/// What a queue is told when the server starts, unless a client has told it something else since
/// (PUT /v1/queues/{queue}); that stays. Limits hold for the server as a whole.
struct QueueOptions {
  std::optional<int64_t> concurrency;       ///< Attempts that run at a time; 1 to 1,000,000.
  std::optional<int64_t> group_concurrency; ///< The same, of each group of tasks.
  std::optional<RateLimit> rate;            ///< Attempts that start.

  /// The queue's share of the workers beside other queues that have ready tasks; 0.001 to 1000.
  double weight = 1;

  /// No attempt starts until a client resumes the queue.
  bool paused = false;
};

/// Workers apart, for tasks that are in one of `queues` (if there are any) and of one of `kinds`
/// (likewise). At least one of the two has names. Each worker costs a thread.
struct WorkerPool {
  size_t count = 0; ///< Up to 1024; 0 for a pool of TaskServer::spawn_worker()'s workers alone.
  std::vector<std::string> queues = {};
  std::vector<std::string> kinds = {};
};

/// A token whose hash the server knows.
struct TokenOptions {
  std::string hash;                ///< "sha256:" and the 64 hexadecimal digits of the token's hash.
  std::vector<std::string> scopes; ///< "read", "submit", "work", "admin"; at least one.
};

/// A path of one's own: any request to it becomes a task, and is answered at once.
struct RouteOptions {
  std::string method = "GET"; ///< Or POST, PUT, PATCH, DELETE.

  /// Begins with '/', and is none of the server's own; compared with the decoded path.
  std::string path = {};

  /// The task as POST /v1/tasks takes it. Within `args`, {"$body": true}, {"$query": "name"} and
  /// {"$header": "X-Name"} stand for what the request has; each may have a "default" for one that
  /// lacks it. Without that a missing body is null, and the other two are refused (422). Not of the
  /// headers Authorization, Proxy-Authorization and Cookie.
  std::string task_json = {};

  // The answer: 200 to 599.
  int status = 200;
  std::string content_type = "text/plain; charset=utf-8";
  std::string body = {};

  /// Needs no token.
  bool is_public = false;
};

/// What tasks of the kind `http` and callbacks may do, and how they are sent.
struct HttpTaskOptions {
  /// Addresses and networks ("10.0.0.0/8", "::1") that tasks may connect to although they are
  /// none of the public internet: loopback, private, link-local and the like. Whoever may submit
  /// tasks reaches what listens there. At most 1000.
  std::vector<std::string> allow;

  /// "whsec_" and 24 to 64 bytes in base64: requests are signed with each of them, as Standard
  /// Webhooks says. At most 10; none: not signed.
  std::vector<std::string> secrets;

  /// Bytes of an answer's body that go into the task's result; what is beyond is cut off.
  size_t max_answer_bytes = 64 * 1024;

  /// So many redirects are followed, 0 to 20; the task fails with one more.
  size_t max_redirects = 5;

  /// Until a connection stands, TLS included. The whole takes up to the task's timeout_s.
  Seconds connect_timeout{10};

  /// A file of certificates (PEM) that servers are trusted by, or "system" for those of the system.
  std::string ca_file = "system";
};

/// A command that tasks of the kind `exec` may run. What of it can be known to be wrong on this
/// machine (no such program, directory or user) keeps the server from starting.
struct ExecCommand {
  /// The program's path from the root, and its arguments. `{name}` in an argument becomes the
  /// task's text, number or boolean of that name, and always stays part of that one argument; no
  /// shell reads it.
  std::vector<std::string> argv;

  /// Where it runs.
  std::string directory = "/";

  /// Whom it runs as, with that user's groups; empty is the server's own user. Only a server that
  /// runs as root may name another.
  std::string user;

  /// Its environment is this, beside PATH, HOME and LANG, and what it is told of its task.
  std::map<std::string, std::string> environment;

  /// Bytes of standard output, which become the task's result: beyond, the task fails. 1 to 64 MiB;
  /// a running command's output is held in memory.
  size_t max_output_bytes = 1024 * 1024;

  /// How long it gets to end by itself after SIGTERM, when the task was cancelled or reached its
  /// timeout_s; then SIGKILL. 0 to 3600.
  Seconds grace{5};
};

/// How the connection to the mail server is kept private.
enum class SmtpSecurity : uint8_t {
  starttls, ///< It begins in the clear and must become TLS before anything is told.
  tls,      ///< TLS from the first byte.
  none,     ///< Everybody on the way can read mails and the password.
};

/// The value of ca_file that stands for the certificates of the system.
inline constexpr const char* smtp_system_ca = "system";

/// The mail server to which tasks of the kind `email` hand their mails. Without a host such tasks
/// fail.
struct SmtpOptions {
  std::string host; ///< A name or an address.

  /// 0 is the usual one: 587 for starttls, 465 for tls, 25 for none.
  uint16_t port = 0;

  SmtpSecurity security = SmtpSecurity::starttls;

  /// Empty: no login.
  std::string user;
  std::string password;

  /// Who mails are from that do not say so: "errand@example.org" or "Errand <errand@example.org>".
  std::string from;

  /// For one mail, from the first byte to the last; the task's own timeout_s counts, too.
  Seconds timeout{30};

  /// A file of certificates (PEM) that the mail server is trusted by, or smtp_system_ca.
  std::string ca_file = smtp_system_ca;
};

struct Options {
  /// "sqlite:PATH" or "sqlite::memory:" (lost with the process).
  std::string store = "sqlite:errand.db";
  Durability durability = Durability::commit;

  /// Threads that run handlers of tasks that no pool serves; 0 means twice the cores, at least 2.
  size_t workers = 0;

  /// Workers beside those, by the name of their pool; at most 100 pools. "count" and
  /// "default" are no names. A kind that a pool with workers names must have a handler.
  std::map<std::string, WorkerPool> pools;

  /// By the queue's name: 1 to 128 of [A-Za-z0-9._:/-]. At most 10,000.
  std::map<std::string, QueueOptions> queues;

  /// What tasks of the kind `exec` may run, by the name that they call it by: 1 to 128 of
  /// [A-Za-z0-9._:/-]. At most 1,000.
  std::map<std::string, ExecCommand> exec;

  /// Most tasks taken from the store ahead of a free worker, while handlers return within
  /// milliseconds; 0 takes a task only when a worker is free. Raising it makes more short tasks per
  /// commit; what is taken ahead and not begun goes back on its own.
  size_t claim_ahead = 256;

  /// How long a handler that has reached its task's timeout_s gets to end, before the attempt is
  /// failed without it. Its thread is lost to the server until it does end.
  Seconds timeout_grace{10};

  /// So many of those threads are replaced by new workers; beyond that fewer tasks run at a time.
  size_t max_stuck_workers = 16;

  /// The newest events that a reader of /v1/events can still get when it comes back; it is told of
  /// a gap beyond. Each costs some 250 bytes of memory.
  size_t events_buffer = 10'000;

  /// Threads that run deferred closures, at most 1024; started with the first of those. 0 means
  /// twice the cores, at least 2. No key of errand.toml, since only programs defer.
  size_t defer_workers = 0;

  /// Closures that wait to run: one more is refused. Likewise.
  size_t max_deferred = 10'000;

  /// How long stop() waits for running handlers and closures before it puts the tasks back.
  Seconds drain_timeout{30};

  RetentionOptions retention;

  /// Clients send one of these (Authorization: Bearer ...). By name: 1 to 128 of [A-Za-z0-9._:/-];
  /// at most 1,000, each with a hash of its own. Without any, and without `token`, only this
  /// machine is answered.
  std::map<std::string, TokenOptions> tokens;

  /// One more token with every scope, as it is: 16 to 1024 visible ASCII characters, or empty.
  std::string token;

  /// No token is asked for, and every peer is answered; see HttpOptions::hosts for the names.
  bool no_auth = false;

  /// Values with these names, the case of ASCII letters ignored, anywhere in the args of tasks are
  /// not shown to clients. Handlers and workers that lease get them.
  std::vector<std::string> redact_args;

  /// At most 100.
  std::vector<RouteOptions> routes = {{"GET", "/sleep",
                                       R"({"kind": "sleep", "args": {"seconds": 5}})", 200,
                                       "text/plain; charset=utf-8", "when i sleep", false}};

  LogLevel log_level = LogLevel::info;
  LogFormat log_format = LogFormat::text;

  HttpOptions http;
  HttpTaskOptions http_task;
  SmtpOptions smtp;
};

} // namespace errand
#pragma GCC visibility pop
