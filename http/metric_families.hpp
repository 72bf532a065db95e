// Which metrics there are, by what they tell of. docs/monitoring/README.md lists them.
#pragma once

#include "http/actor_survey.hpp"
#include "http/exposition.hpp"

#include <string>

namespace errand {

/// What tasks and commits did since the start.
void add_task_metrics(exposition& to, const metrics_view& counted);

/// What the store holds now.
void add_depth_metrics(exposition& to, const metrics_view& counted, const store_totals& totals,
                       const queue_page& queues, timestamp now);

void add_http_metrics(exposition& to, const http_counters& counted, const front_view& front);

/// Those of the DISPATCHER's pools.
void add_worker_metrics(exposition& to, const std::vector<worker_view>& workers);

/// `rows` are the survey's.
void add_actor_metrics(exposition& to, const actor_survey& survey,
                       const std::vector<actor_survey::row>& rows);

/// The process, which another server may share, and what this server is.
void add_process_metrics(exposition& to, const metrics_view& counted);
void add_build_metrics(exposition& to, const std::string& version);

} // namespace errand
