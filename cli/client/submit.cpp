// `errand submit KIND`: one task, and its result if that is waited for.
#include "cli/client/command_set.hpp"
#include "cli/client/wait.hpp"
#include "cli/number_values.hpp"
#include "server/printable.hpp"

#include <memory>
#include <optional>

namespace errand::client {

namespace {

struct submit_flags {
  std::string kind, args;
  std::optional<std::string> queue, group, run_at, expires_at, on_dependency_failure, callback_url;
  std::optional<std::string> unique, unique_until, on_conflict;
  std::optional<double> delay_s, timeout_s, expires_in_s, unique_window_s;
  std::optional<double> min_backoff_s, max_backoff_s, backoff_factor, backoff_jitter;
  std::optional<long> priority, max_attempts, max_crashes;
  std::vector<std::string> tags, after;
  std::string idempotency_key, traceparent;
  wait_flag wait;
};

template <class T>
void put(json& object, const char* name, const std::optional<T>& value) {
  if (value)
    object[name] = *value;
}

/// As they were given, so that the server sees what its rules are about: how a number is written, a
/// name that is there twice.
std::string args_of(const session& s, const std::string& given) {
  auto text = s.content_of("--args", given);
  if (text.starts_with("\xef\xbb\xbf")) // what some editors put before a text
    text.erase(0, 3);
  try {
    [[maybe_unused]] const auto value = json::parse(text);
    return text;
  } catch (const json::out_of_range&) {
    throw failure{exit_usage, {"--args has a number that is too large"}};
  } catch (const json::parse_error& error) {
    throw failure{exit_usage,
                  {"--args is no JSON, at byte " + std::to_string(error.byte)
                   + ": in a shell it stands in single quotes, such as '{\"n\": 1}'; @FILE names a"
                     " file, - is standard input"}};
  }
}

json unique_of(const submit_flags& flags) {
  const bool has_rule = flags.unique_until || flags.unique_window_s || flags.on_conflict;
  if (!flags.unique) {
    if (has_rule)
      throw failure{exit_usage,
                    {"--unique-until, --unique-window and --on-conflict go with --unique KEY"}};
    return nullptr;
  }
  json unique{{"key", *flags.unique}};
  put(unique, "until", flags.unique_until);
  put(unique, "window_s", flags.unique_window_s);
  put(unique, "on_conflict", flags.on_conflict);
  return unique;
}

json retry_of(const submit_flags& flags) {
  json retry = json::object();
  put(retry, "min_backoff_s", flags.min_backoff_s);
  put(retry, "max_backoff_s", flags.max_backoff_s);
  put(retry, "factor", flags.backoff_factor);
  put(retry, "jitter", flags.backoff_jitter);
  return retry;
}

json tags_of(const std::vector<std::string>& tags) {
  json result = json::object();
  for (const auto& tag : tags) {
    const auto [name, value] = name_and_value(tag);
    if (result.contains(name))
      throw failure{exit_usage,
                    {"--tag has " + string_literal(name) + " twice; a task has it once"}};
    result[name] = value;
  }
  return result;
}

/// All but the args.
json spec_of(const submit_flags& flags) {
  json spec{{"kind", flags.kind}};
  put(spec, "queue", flags.queue);
  put(spec, "priority", flags.priority);
  put(spec, "delay_s", flags.delay_s);
  put(spec, "run_at", flags.run_at);
  put(spec, "expires_in_s", flags.expires_in_s);
  put(spec, "expires_at", flags.expires_at);
  put(spec, "timeout_s", flags.timeout_s);
  put(spec, "max_attempts", flags.max_attempts);
  put(spec, "max_crashes", flags.max_crashes);
  if (auto retry = retry_of(flags); !retry.empty())
    spec["retry"] = std::move(retry);
  put(spec, "on_dependency_failure", flags.on_dependency_failure);
  put(spec, "group", flags.group);
  put(spec, "callback_url", flags.callback_url);
  if (!flags.after.empty())
    spec["after"] = flags.after;
  if (auto unique = unique_of(flags); !unique.is_null())
    spec["unique"] = std::move(unique);
  if (!flags.tags.empty())
    spec["tags"] = tags_of(flags.tags);
  return spec;
}

std::string body_of(const session& s, const submit_flags& flags) {
  // What is no UTF-8 is the server's to refuse.
  auto body = spec_of(flags).dump(-1, ' ', false, json::error_handler_t::replace);
  if (!flags.args.empty())
    body.replace(body.size() - 1, 1, ",\"args\":" + args_of(s, flags.args) + "}");
  return body;
}

document accepted(const session& s, const submit_flags& flags) {
  order o{.method = "POST", .path = "/v1/tasks"};
  o.body = body_of(s, flags);
  if (!flags.idempotency_key.empty())
    o.headers.emplace_back("Idempotency-Key", flags.idempotency_key);
  if (!flags.traceparent.empty())
    o.headers.emplace_back("traceparent", flags.traceparent);
  return s.server.ask(o);
}

void note_oddities(const session& s, const json& task) {
  if (const auto& warnings = value_of(task, "warnings"); warnings.is_array())
    for (const auto& each : warnings)
      s.note("warning: "
             + without_controls(each.is_string() ? each.get<std::string>() : each.dump()));
  if (value_of(task, "duplicate") == json(true))
    s.note("nothing was added: this task holds the unique key");
}

int submit(session& s, const submit_flags& flags) {
  const auto patience = flags.wait.is_given() ? flags.wait.seconds() : std::nullopt;
  auto task = accepted(s, flags);
  note_oddities(s, task.value);
  if (!flags.wait.is_given()) {
    if (s.as_json)
      s.print_json(task.text);
    else
      s.print(without_controls(text_of(task.value, "id")) + '\n');
    return exit_done;
  }
  task = wait_for_end(s, std::move(task), patience);
  if (s.as_json)
    s.print_json(task.text);
  else if (text_of(task.value, "state") == "succeeded")
    s.print_json(value_of(task.value, "result"));
  return told_end(s, task.value);
}

void describe_when(CLI::App& command, submit_flags& flags) {
  command.add_option("--delay", flags.delay_s, "seconds before it may start")->type_name("S");
  command.add_option("--run-at", flags.run_at, "not before then, such as 2026-12-24T18:00:00Z")
      ->type_name("TIME");
  command.add_option("--expires-in", flags.expires_in_s, "cancelled if not started within so long")
      ->type_name("S");
  command.add_option("--expires-at", flags.expires_at, "the same as a time")->type_name("TIME");
  command.add_option("--timeout", flags.timeout_s, "of one attempt")->type_name("S");
  command.add_option("--max-attempts", flags.max_attempts, "with so many failures it has failed")
      ->type_name("N");
  command.add_option("--max-crashes", flags.max_crashes, "the same of attempts lost with a worker")
      ->type_name("N");
  command.add_option("--min-backoff", flags.min_backoff_s, "wait after the first failure")
      ->type_name("S");
  command.add_option("--max-backoff", flags.max_backoff_s, "the longest such wait")->type_name("S");
  command.add_option("--backoff-factor", flags.backoff_factor, "by which each next one is longer")
      ->type_name("N");
  command
      .add_option("--backoff-jitter", flags.backoff_jitter,
                  "0 to 1: which part of itself it may differ by")
      ->type_name("N");
  command
      .add_option("--after", flags.after, "come after that task; may be repeated, or have commas")
      ->type_name("ID")
      ->allow_extra_args(false)
      ->delimiter(',');
  command
      .add_option("--on-dependency-failure", flags.on_dependency_failure,
                  "if one of those does not succeed")
      ->type_name("cancel|run");
}

void describe_what(CLI::App& command, submit_flags& flags) {
  command.add_option("KIND", flags.kind, "which handler runs it")->required()->type_name("");
  command.add_option("--args", flags.args, "for the handler; @FILE or - for standard input")
      ->type_name("JSON");
  command.add_option("--queue", flags.queue, "by default \"default\"")->type_name("NAME");
  command.add_option("--priority", flags.priority, "-100 to 100, higher first")->type_name("N");
  command.add_option("--group", flags.group, "whose it is; groups take turns")->type_name("NAME");
  command.add_option("--tag", flags.tags, "for filters; may be repeated")
      ->type_name("NAME=VALUE")
      ->allow_extra_args(false);
  command.add_option("--callback-url", flags.callback_url, "is told of the end")->type_name("URL");
  command.add_option("--unique", flags.unique, "at most one task with that key")->type_name("KEY");
  command.add_option("--unique-until", flags.unique_until, "for how long it is held")
      ->type_name("final|started|window");
  command.add_option("--unique-window", flags.unique_window_s, "how long that window is")
      ->type_name("S");
  command.add_option("--on-conflict", flags.on_conflict, "if another holds the key")
      ->type_name("return|replace|reject");
  command
      .add_option("--idempotency-key", flags.idempotency_key,
                  "makes it safe to run the same command again")
      ->type_name("KEY");
  command.add_option("--traceparent", flags.traceparent, "the trace that it belongs to (W3C)")
      ->type_name("TEXT");
}

void check_numbers(CLI::App& command) {
  for (const auto* flag : {"--priority", "--max-attempts", "--max-crashes"})
    command.get_option(flag)->check(whole_number());
  for (const auto* flag : {"--delay", "--expires-in", "--timeout", "--min-backoff", "--max-backoff",
                           "--backoff-factor", "--backoff-jitter", "--unique-window"})
    command.get_option(flag)->check(number());
}

} // namespace

void add_submit(command_set& set) {
  const auto flags = std::make_shared<submit_flags>();
  auto& command =
      set.add("submit", "Hand the server a task; prints its id, or waits for its result.",
              [flags](session& s) { return submit(s, *flags); });
  describe_what(command, *flags);
  describe_when(command, *flags);
  check_numbers(command);
  flags->wait.add_to(command, "print the result once it has ended; --wait=SECONDS: not longer.\n"
                              "Ctrl-C ends the wait and leaves the task");
}

} // namespace errand::client
