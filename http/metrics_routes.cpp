#include "http/metrics_routes.hpp"

#include "http/metric_families.hpp"
#include "http/task_query.hpp"

#include <utility>

namespace errand {

namespace {

// Names of questions, behind those of the survey.
constexpr question totals_question = actor_survey::questions;
constexpr question queues_question = totals_question + 1;
constexpr question counted_question = totals_question + 2;
constexpr question workers_question = totals_question + 3;
static_assert(workers_question < keep_question);

/// Queues that are looked at one by one; more than have labels of their own.
constexpr size_t queues_told = 1000;

/// For STATISTICS, once the READER was waited for in vain.
constexpr std::chrono::seconds last_patience{1};

/// The READER tells of the queues that hold tasks; STATISTICS is then asked for what it has counted
/// and gives these labels. What a silent actor would have told is left out: the scrape is needed
/// most while something is stuck.
class metrics_rest final : public continuation {
public:
  metrics_rest(std::string version, wall_clock now, exchange_link& link)
      : version_(std::move(version)), now_(std::move(now)), survey_(link) {
    queue_list_request all;
    all.limit = queues_told;
    link.totals(totals_question);
    link.queues(queues_question, all);
    link.workers(workers_question);
  }

  std::optional<reply> answered(question name, const answer& what, exchange_link& link) override {
    if (name < actor_survey::questions)
      survey_.answered(name, what);
    else
      keep(name, what);
    // Of a store that can't be read there is nothing to tell.
    if (has(totals_question) && has(queues_question))
      ask_for_counters(link);
    if (!survey_.is_complete() || !has(counted_question) || !has(workers_question))
      return std::nullopt;
    return shown(link);
  }

  std::optional<reply> overdue(exchange_link& link) override {
    if (asked_for_counters_)
      return shown(link);
    ask_for_counters(link);
    link.set_patience(last_patience);
    return std::nullopt;
  }

private:
  bool has(question name) const { return (answered_ & 1U << name) != 0; }

  /// Nothing is kept of a failure.
  template <class Content>
  static void take(Content& to, const answer& what) {
    if (const auto* content = std::get_if<Content>(&what.content))
      to = *content;
  }

  void keep(question name, const answer& what) {
    answered_ |= 1U << name;
    if (name == totals_question)
      take(totals_, what);
    else if (name == queues_question)
      take(queues_, what);
    else if (name == counted_question)
      take(counted_, what);
    else
      take(workers_, what);
  }

  void ask_for_counters(exchange_link& link) {
    if (std::exchange(asked_for_counters_, true))
      return;
    std::vector<std::string> names;
    if (queues_)
      for (const auto& queue : queues_->queues)
        names.push_back(queue.name);
    link.metrics(counted_question, std::move(names));
  }

  reply shown(const exchange_link& link) const {
    exposition out;
    if (counted_)
      add_task_metrics(out, *counted_);
    if (counted_ && totals_ && queues_)
      add_depth_metrics(out, *counted_, *totals_, *queues_, now_());
    if (workers_)
      add_worker_metrics(out, *workers_);
    add_http_metrics(out, link.counted_requests(), link.front());
    add_actor_metrics(out, survey_, survey_.rows(link));
    if (counted_)
      add_process_metrics(out, *counted_);
    add_build_metrics(out, version_);
    return {200, exposition_type, out.text(), {}};
  }

  std::string version_;
  wall_clock now_;
  actor_survey survey_;
  totals_ptr totals_;
  queue_page_ptr queues_;
  metrics_ptr counted_;
  worker_views_ptr workers_;
  unsigned answered_ = 0; ///< A bit for each question.
  bool asked_for_counters_ = false;
};

} // namespace

void add_metrics_routes(router& to, const std::string& version, wall_clock now) {
  to.add(http_method::get, "/metrics", {scope::read},
         [version, now = std::move(now)](const route_call& call) -> route_result {
           if (auto errors = refuse_query(call.query); !errors.empty())
             return problem_reply(problems::invalid(std::move(errors)));
           return std::make_unique<metrics_rest>(version, now, call.link);
         });
}

} // namespace errand
