#include "http/json_lease.hpp"

#include "http/json_codec.hpp"
#include "http/json_fields.hpp"
#include "task/log_lines.hpp"
#include "task/spec_rules.hpp"
#include "task/utf8.hpp"

#include <utility>

namespace errand {

namespace {

using nlohmann::json;

constexpr std::string_view request_rule = R"(a JSON object such as {"worker": "mailer-1"})";
constexpr std::string_view worker_rule = "the name of the worker, a string";
constexpr std::string_view signs_rule = R"(a JSON object such as {"leases": [{"token": "…"}]})";
constexpr std::string_view ends_rule =
    R"(a JSON object such as {"leases": [{"token": "…", "outcome": "succeeded"}]})";
constexpr std::string_view token_rule = "the token of a lease, a string";
constexpr std::string_view outcome_rule = R"("succeeded", "failed", "cancelled" or "released")";
constexpr std::string_view log_rule = "text, lines of it being parted by \\n";
constexpr std::string_view names_rule = "an array of names; leave it out for all";
constexpr std::string_view progress_rule = R"(an object such as {"fraction": 0.4, "message": "…"})";
constexpr std::string_view error_rule = R"(an object such as {"type": "…", "message": "…"})";

constexpr size_t error_type_max = 128;

std::optional<task_progress> take_progress(json_fields& entry, fault_list& faults) {
  const auto* value = entry.find("progress");
  if (!value || value->is_null())
    return std::nullopt;
  if (!value->is_object()) {
    entry.fault("progress", not_as_ruled(*value, progress_rule));
    return std::nullopt;
  }
  json_fields fields(*value, entry.pointer("progress"), "a progress", faults);
  task_progress progress;
  constexpr std::string_view fraction_rule = "a number from 0 to 1";
  const auto* fraction = fields.find("fraction");
  if (!fraction)
    fields.missing("fraction", fraction_rule);
  else if (!fraction->is_number() || *fraction < 0 || *fraction > 1)
    fields.fault("fraction", not_as_ruled(*fraction, fraction_rule));
  else
    progress.fraction = fraction->get<double>();
  if (const auto message = fields.text("message", "a string"))
    progress.message = mended(*message, progress_message_max);
  fields.refuse_others();
  return progress;
}

/// Calls `read(fields, token)` for each entry of the body's leases.
template <class Read>
void read_entries(json_fields& body, fault_list& faults, std::vector<std::string>& tokens,
                  Read read) {
  const auto rule = "an array of 1 to " + std::to_string(leases_max) + " leases";
  const auto* leases = body.find("leases");
  if (!leases)
    return body.missing("leases", rule);
  if (!leases->is_array() || leases->empty())
    return body.fault("leases", not_as_ruled(*leases, rule));
  if (leases->size() > leases_max)
    return body.fault("leases", "has " + std::to_string(leases->size()) + " entries; it must be "
                                    + rule + "; send them in several requests");
  for (size_t i = 0; i < leases->size() && !faults.is_full(); ++i) {
    const auto& entry = (*leases)[i];
    const auto place = "/leases/" + std::to_string(i);
    if (!entry.is_object()) {
      faults.add(place, not_as_ruled(entry, R"(an object such as {"token": "…"})"));
      continue;
    }
    json_fields fields(entry, place, "a lease", faults);
    tokens.push_back(fields.needed_text("token", token_rule).value_or(""));
    read(fields, parse_lease_token(tokens.back()).value_or(lease_token{}));
    fields.refuse_others();
  }
}

/// Of one that failed, or cancelled its task. Nothing that it needs may be missing in what the
/// store keeps.
void take_error(json_fields& fields, fault_list& faults, lease_end& end, timestamp now) {
  end.error_type = end.outcome == attempt_outcome::cancelled ? cancelled_error : "failed";
  end.error_message = "The worker told no reason.";
  const auto* value = fields.find("error");
  if (!value || value->is_null())
    return;
  if (!value->is_object())
    return fields.fault("error", not_as_ruled(*value, error_rule));
  json_fields error(*value, fields.pointer("error"), "an error", faults);
  if (const auto type = error.text("type", "a string"); type && !type->empty())
    end.error_type = mended(*type, error_type_max);
  if (const auto message = error.text("message", "a string"))
    end.error_message = *message;
  if (const auto trace = error.text("trace", "a string"))
    end.lines = log_lines_of(*trace, now);
  error.refuse_others();
}

lease_end take_end(json_fields& fields, fault_list& faults, timestamp now) {
  lease_end end;
  const auto outcome = fields.needed_text("outcome", outcome_rule);
  const bool failed = outcome == "failed";
  const bool cancelled = outcome == "cancelled";
  if (outcome && !failed && !cancelled && outcome != "succeeded" && outcome != "released")
    fields.fault("outcome", not_as_ruled(*outcome, outcome_rule));
  end.released = outcome == "released";
  const auto* result = fields.find("result");
  const auto only_if = [&](std::string_view name, bool given, bool fits, const char* which) {
    if (given && !fits && outcome)
      fields.fault(name, "is given with the outcome " + quoted(*outcome) + "; it belongs to "
                             + which + ", so leave it out");
  };
  only_if("result", result && !result->is_null(), outcome == "succeeded", "\"succeeded\"");
  if (result && outcome == "succeeded")
    end.result_json = result->dump(-1, ' ', false, json::error_handler_t::replace);
  if (cancelled)
    end.outcome = attempt_outcome::cancelled;
  if (failed || cancelled)
    take_error(fields, faults, end, now);
  else if (const auto* error = fields.find("error"))
    only_if("error", !error->is_null(), false, "\"failed\" or \"cancelled\"");
  if (const auto* written = fields.find("retry"); written && written->is_null())
    fields.fault("retry", "is null; it must be true or false, or left out"); // which of the two?
  const auto retry = fields.boolean("retry");
  end.retry_in = fields.seconds("retry_in_s", duration{0}, max_delay);
  only_if("retry", retry.has_value(), failed, "\"failed\"");
  only_if("retry_in_s", end.retry_in.has_value(), failed, "\"failed\"");
  if (failed && retry == false && end.retry_in)
    fields.fault("retry_in_s", "is given together with \"retry\": false; keep one of the two");
  if (failed)
    end.outcome = retry.value_or(true) ? attempt_outcome::failed : attempt_outcome::failed_for_good;
  return end;
}

/// What `read(fields, faults, written)` makes of the body, unless something is wrong with it.
template <class Written, class Read>
std::variant<Written, problem> decode(std::string_view body, std::string_view rule,
                                      std::string_view what, Read read) {
  const auto parsed = parse_object(body, rule);
  if (const auto* why = std::get_if<problem>(&parsed))
    return *why;
  fault_list faults;
  json_fields fields(std::get<json>(parsed), "", what, faults);
  Written written;
  read(fields, faults, written);
  fields.refuse_others();
  if (!faults.empty())
    return faults.to_problem();
  return written;
}

} // namespace

std::variant<written_lease_request, problem> decode_lease_request(std::string_view body) {
  return decode<written_lease_request>(
      body, request_rule, "a request for leases",
      [](json_fields& fields, fault_list&, written_lease_request& written) {
        auto& [wanted, wish, waits] = written.asked;
        if (auto queues = fields.texts("queues", names_rule, name_fault))
          wanted.queues = std::move(*queues);
        if (auto kinds = fields.texts("kinds", names_rule, name_fault))
          wanted.kinds = std::move(*kinds);
        wish.max = static_cast<size_t>(
            fields.integer("max", 1, static_cast<int64_t>(leases_max)).value_or(1));
        wish.length = fields.seconds("lease_s", lease_length_min, lease_length_max)
                          .value_or(lease_length_default);
        written.wait = fields.seconds("wait_s", duration{0}, lease_wait_max).value_or(duration{0});
        waits = written.wait > duration{0};
        if (const auto worker = fields.needed_text("worker", worker_rule)) {
          if (auto wrong = name_fault(*worker))
            fields.fault("worker", std::move(*wrong));
          wish.worker = *worker;
        }
      });
}

std::variant<written_signs, problem> decode_lease_signs(std::string_view body, timestamp now) {
  return decode<written_signs>(
      body, signs_rule, "a heartbeat",
      [now](json_fields& fields, fault_list& faults, written_signs& written) {
        const auto extend_by = fields.seconds("extend_s", lease_length_min, lease_length_max);
        const auto read = [&](json_fields& entry, const lease_token& token) {
          lease_sign sign{token, extend_by};
          sign.progress = take_progress(entry, faults);
          if (const auto log = entry.text("log", log_rule))
            sign.lines = log_lines_of(*log, now);
          written.signs.push_back(std::move(sign));
        };
        read_entries(fields, faults, written.tokens, read);
      });
}

std::variant<written_ends, problem> decode_lease_ends(std::string_view body, timestamp now) {
  return decode<written_ends>(
      body, ends_rule, "a finish",
      [now](json_fields& fields, fault_list& faults, written_ends& written) {
        const auto read = [&](json_fields& entry, const lease_token& token) {
          auto end = take_end(entry, faults, now);
          end.token = token;
          written.ends.push_back(std::move(end));
        };
        read_entries(fields, faults, written.tokens, read);
      });
}

std::string encode_leases(const std::vector<lease>& leases) {
  std::string out;
  json_writer w(out);
  w.begin_object();
  w.key("leases").begin_array();
  for (const auto& [token, expires_at, row, upstream] : leases) {
    w.begin_object();
    w.key("token").string(to_string(token));
    w.key("expires_at").time(expires_at);
    write_task(w.key("task"), row);
    w.key("upstream");
    if (upstream) {
      w.begin_object();
      for (const auto& [id, result] : *upstream)
        w.key(id.to_string()).raw(result ? std::string_view(*result) : "null");
      w.end_object();
    } else {
      w.null();
    }
    w.end_object();
  }
  w.end_array();
  w.end_object();
  return out;
}

std::string encode_lease_states(const std::vector<std::string>& tokens,
                                const std::vector<lease_state>& states) {
  std::string out;
  json_writer w(out);
  w.begin_object();
  w.key("leases").begin_array();
  for (size_t i = 0; i < tokens.size(); ++i) {
    const auto& [state, expires_at] = states[i];
    w.begin_object();
    w.key("token").string(tokens[i]);
    w.key("status").string(state == lease_state::what::ok     ? "ok"
                           : state == lease_state::what::lost ? "lost"
                                                              : "cancel_requested");
    if (state != lease_state::what::lost)
      w.key("expires_at").time(expires_at);
    w.end_object();
  }
  w.end_array();
  w.end_object();
  return out;
}

std::string encode_ended_leases(const std::vector<std::string>& tokens,
                                const std::vector<lease_end>& ends,
                                const std::vector<std::optional<task_state>>& states) {
  std::string out;
  json_writer w(out);
  w.begin_object();
  w.key("leases").begin_array();
  for (size_t i = 0; i < tokens.size(); ++i) {
    w.begin_object();
    w.key("token").string(tokens[i]);
    w.key("status").string(states[i] ? "ok" : "lost");
    if (states[i]) {
      w.key("task").begin_object();
      w.key("id").string(ends[i].token.attempt.id.to_string());
      w.key("state").string(to_string(*states[i]));
      w.end_object();
    }
    w.end_object();
  }
  w.end_array();
  w.end_object();
  return out;
}

} // namespace errand
