// JSON text <-> schedules. Pure but for the time zone database; any thread.
#pragma once

#include "actors/messages.hpp"
#include "http/problem.hpp"
#include "http/redaction.hpp"

#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace errand {

using decoded_schedule = std::variant<schedule_spec, problem>;

/// Reads what a client sends to make or change a schedule. Refused are text that is not JSON (400)
/// and JSON that is not a schedule (422: all that is wrong, in the task below /task).
decoded_schedule decode_schedule(std::string_view body);

/// A schedule as clients see it, without what is `hidden` of its task's args, and what there is to
/// warn of.
std::string encode_schedule(const schedule& row, const redaction& hidden,
                            const std::vector<timestamp>& next_runs,
                            const std::vector<std::string>& warnings = {});

std::string encode_schedules(const schedule_page& page, const redaction& hidden);

} // namespace errand
