// JSON text <-> what queues are told, and what is told of them. Pure; any thread.
#pragma once

#include "actors/messages.hpp"
#include "http/json_writer.hpp"
#include "http/problem.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace errand {

/// Reads what PUT /v1/queues/{q} sends: all settings; what is left out is at its default.
using decoded_settings = std::variant<queue_settings, problem>;
decoded_settings decode_queue_settings(std::string_view body);

/// Reads what POST …/pause sends, when the pause ends by itself; an empty body is {}.
using decoded_pause = std::variant<std::optional<timestamp>, problem>;
decoded_pause decode_pause(std::string_view body);

/// The settings as fields of the open object.
void write_queue_settings(json_writer& w, const queue_settings& settings);

/// What a queue was told.
std::string encode_settings(std::string_view queue, const queue_settings& settings);

/// A queue with what it was told, what it holds and what went on in it lately. `now` is for ages.
void write_queue(json_writer& w, const queue_view& queue, const activity& recent, timestamp now);

/// Fields of the open object: counts and quantiles.
void write_activity(json_writer& w, const activity& recent);
void write_summary(json_writer& w, std::string_view name, const duration_summary& durations);

/// The field "counts" of the open object; states without tasks are 0.
void write_counts(json_writer& w, const std::map<task_state, int64_t>& counts);

/// The field "oldest_queued_age_s" of the open object; null if no task is queued.
void write_age(json_writer& w, std::optional<timestamp> oldest_queued, timestamp now);

} // namespace errand
