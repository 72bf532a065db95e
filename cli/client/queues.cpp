// `errand queues`: what queues hold; pauses them and sets their limits.
#include "cli/client/command_set.hpp"
#include "cli/client/pages.hpp"
#include "cli/client/queue_rows.hpp"
#include "cli/number_values.hpp"
#include "server/printable.hpp"

#include <cmath>
#include <cstdlib>
#include <memory>
#include <optional>

namespace errand::client {

namespace {

struct set_flags {
  std::string name;
  std::string concurrency, group_concurrency, rate;
  std::optional<double> weight;
};

std::string path_of(const std::string& name) {
  return "/v1/queues/" + percent_encoded(name);
}

int show_settings(const session& s, const document& settings) {
  if (s.as_json)
    s.print_json(settings.text);
  else
    s.print(without_controls(text_of(settings.value, "name")) + ": "
            + without_controls(limits_of(settings.value)) + '\n');
  return exit_done;
}

int list_queues(session& s) {
  const auto all = all_pages(s, "/v1/queues", "queues");
  if (s.as_json)
    s.print_json(all);
  else
    s.print(queue_rows(all["queues"]));
  return exit_done;
}

json number_or_none(const std::string& flag, const std::string& text) {
  if (text == "none")
    return nullptr;
  auto value = json::parse(text, nullptr, false);
  if (!value.is_number())
    throw failure{exit_usage,
                  {flag + " is " + string_literal(text) + ", but must be a number or none"}};
  return value;
}

json rate_of(const std::string& text) {
  if (text == "none")
    return nullptr;
  const auto slash = text.find('/');
  auto limit = json::parse(text.substr(0, slash), nullptr, false);
  auto per_s = slash == text.npos ? json(1) : json::parse(text.substr(slash + 1), nullptr, false);
  if (!limit.is_number() || !per_s.is_number())
    throw failure{exit_usage,
                  {"--rate is " + string_literal(text)
                   + ", but must be none or like 100/60, which is 100 in 60 seconds"}};
  return {{"limit", std::move(limit)}, {"per_s", std::move(per_s)}};
}

/// What the queue is told now; empty for one that nobody has used yet.
json settings_of(session& s, const std::string& name) {
  json settings = json::object();
  try {
    const auto queue = s.server.get(path_of(name)).value;
    for (const auto* field :
         {"concurrency", "group_concurrency", "rate", "weight", "paused", "paused_until"})
      settings[field] = value_of(queue, field);
  } catch (const failure& f) {
    if (f.http_status != 404)
      throw;
  }
  return settings;
}

int set_queue(session& s, const set_flags& flags) {
  json changes = json::object();
  if (!flags.concurrency.empty())
    changes["concurrency"] = number_or_none("--concurrency", flags.concurrency);
  if (!flags.group_concurrency.empty())
    changes["group_concurrency"] = number_or_none("--group-concurrency", flags.group_concurrency);
  if (!flags.rate.empty())
    changes["rate"] = rate_of(flags.rate);
  if (flags.weight)
    changes["weight"] = *flags.weight;
  if (changes.empty())
    throw failure{exit_usage,
                  {"say what to set: --concurrency, --group-concurrency, --rate or --weight"}};
  auto settings = settings_of(s, flags.name);
  settings.update(changes);
  return show_settings(
      s, s.server.ask({.method = "PUT", .path = path_of(flags.name), .body = settings.dump()}));
}

void add_set(command_set& set, CLI::App& queues) {
  const auto flags = std::make_shared<set_flags>();
  auto& command = set.add(queues, "set", "Change limits of a queue; the others stay as they are.",
                          [flags](session& s) { return set_queue(s, *flags); });
  command.add_option("NAME", flags->name, "of the queue")->required()->type_name("");
  command.add_option("--concurrency", flags->concurrency, "attempts that run at a time, or none")
      ->type_name("N");
  command.add_option("--group-concurrency", flags->group_concurrency, "the same of each group")
      ->type_name("N");
  command
      .add_option("--rate", flags->rate, "attempts that start, such as 100/60 (in 60 s), or none")
      ->type_name("N/S");
  command.add_option("--weight", flags->weight, "its share of the workers")
      ->type_name("W")
      ->check(number());
}

} // namespace

void add_queues(command_set& set) {
  auto& queues =
      set.add("queues", "List queues; pause them, resume them, set their limits.", list_queues);
  struct pause_flags {
    std::string name, until;
  };
  const auto pausing = std::make_shared<pause_flags>();
  auto& pause = set.add(queues, "pause", "Start nothing more of a queue.", [pausing](session& s) {
    order o{.method = "POST", .path = path_of(pausing->name) + "/pause"};
    if (!pausing->until.empty())
      o.body = json{{"until", pausing->until}}.dump();
    return show_settings(s, s.server.ask(o));
  });
  pause.add_option("NAME", pausing->name, "of the queue")->required()->type_name("");
  pause.add_option("--until", pausing->until, "it goes on by itself then")->type_name("TIME");

  const auto resumed = std::make_shared<std::string>();
  auto& resume = set.add(queues, "resume", "Let a paused queue go on.", [resumed](session& s) {
    return show_settings(s,
                         s.server.ask({.method = "POST", .path = path_of(*resumed) + "/resume"}));
  });
  resume.add_option("NAME", *resumed, "of the queue")->required()->type_name("");
  add_set(set, queues);
}

} // namespace errand::client
