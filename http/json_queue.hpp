// JSON text <-> what queues are told, and what is told of them. Pure; any thread.
#pragma once

#include "http/json_writer.hpp"
#include "task/queue_settings.hpp"

namespace errand {

/// The settings as fields of the open object.
void write_queue_settings(json_writer& w, const queue_settings& settings);

} // namespace errand
