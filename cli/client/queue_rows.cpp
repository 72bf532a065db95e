#include "cli/client/queue_rows.hpp"

#include "cli/client/times.hpp"

namespace errand::client {

namespace {

std::string count_of(const json& queue, const char* state) {
  return text_of(value_of(queue, "counts"), state);
}

std::string joined(const json& names) {
  std::string result;
  for (const auto& name : names)
    if (name.is_string())
      result += (result.empty() ? "" : ",") + name.get<std::string>();
  if (!result.empty())
    return result;
  return names.is_array() ? "all" : "-";
}

} // namespace

std::string limits_of(const json& settings) {
  std::string result;
  const auto add = [&result](const std::string& text) {
    result += (result.empty() ? "" : ", ") + text;
  };
  if (value_of(settings, "paused") == json(true)) {
    const auto& until = value_of(settings, "paused_until");
    add(until.is_string() ? "paused until " + local_time(until.get<std::string>()) : "paused");
  }
  if (const auto& most = value_of(settings, "concurrency"); !most.is_null())
    add("concurrency " + most.dump());
  if (const auto& most = value_of(settings, "group_concurrency"); !most.is_null())
    add("per group " + most.dump());
  if (const auto& rate = value_of(settings, "rate"); rate.is_object())
    add("rate " + text_of(rate, "limit") + "/" + text_of(rate, "per_s") + " s");
  if (number_of(settings, "weight", 1) != 1)
    add("weight " + text_of(settings, "weight"));
  return result.empty() ? "no limits" : result;
}

table queue_rows(const json& queues) {
  table rows({{"QUEUE", false, true},
              {"QUEUED", true},
              {"RUNNING", true},
              {"RETRYING", true},
              {"LATER", true},
              {"FAILED", true},
              {"OLDEST", true},
              {"DONE/MIN", true},
              {"LIMITS", false, true}});
  for (const auto& queue : queues) {
    const auto& counts = value_of(queue, "counts");
    const auto later = number_of(counts, "scheduled") + number_of(counts, "waiting");
    const auto& age = value_of(queue, "oldest_queued_age_s");
    const bool is_paused = value_of(queue, "paused") == json(true);
    rows.add({text_of(queue, "name"), count_of(queue, "queued"), count_of(queue, "running"),
              count_of(queue, "retrying"), std::to_string(static_cast<long long>(later)),
              count_of(queue, "failed"), age.is_number() ? age_text(age.get<double>()) : "-",
              text_of(value_of(queue, "last_minute"), "succeeded"),
              cell(limits_of(queue), is_paused ? ink::yellow : ink::plain)});
  }
  return rows;
}

table worker_rows(const json& workers, timestamp now) {
  table rows({{"WORKER", false, true},
              {"POOL", false, true},
              {"STATE"},
              {"TASK"},
              {"KIND", false, true},
              {"QUEUE", false, true},
              {"FOR", true}});
  for (const auto& each : workers) {
    const auto state = text_of(each, "state");
    const auto since = text_of(each, "since");
    rows.add({text_of(each, "name"), text_of(each, "pool"), cell(state, ink_of_state(state)),
              text_of(each, "task"), text_of(each, "kind"), text_of(each, "queue"),
              age_of(since, now)});
  }
  return rows;
}

table lease_rows(const json& lease_workers, timestamp now) {
  table rows({{"LEASES TO", false, true},
              {"WAITING", true},
              {"LEASED", true},
              {"ASKED", true},
              {"QUEUES", false, true},
              {"KINDS", false, true}});
  for (const auto& each : lease_workers) {
    const auto& leases = value_of(each, "leases");
    rows.add({text_of(each, "name"), text_of(each, "waiting"), std::to_string(leases.size()),
              age_of(text_of(each, "last_asked_at"), now), joined(value_of(each, "queues")),
              joined(value_of(each, "kinds"))});
  }
  return rows;
}

} // namespace errand::client
