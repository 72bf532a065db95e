#include "http/stats_routes.hpp"

#include "http/json_queue.hpp"
#include "http/task_query.hpp"

namespace errand {

namespace {

// Names of questions.
constexpr question totals_question = 0;
constexpr question queues_question = 1;
constexpr question statistics_question = 2;

/// Queues that are told one by one; GET /v1/queues has them all, page by page.
constexpr size_t queues_told = 1000;

void write_queue_line(json_writer& w, const queue_view& queue, const statistics_view& view,
                      timestamp now) {
  w.begin_object();
  w.key("name").string(queue.name);
  write_counts(w, queue.counts);
  write_age(w, queue.oldest_queued, now);
  const auto recent = view.queues.find(queue.name);
  write_activity(w, recent == view.queues.end() ? activity{} : recent->second);
  w.end_object();
}

/// The READER tells of tasks and queues, and STATISTICS then what went on in these.
class stats_rest final : public continuation {
public:
  stats_rest(wall_clock now, exchange_link& link) : now_(std::move(now)) {
    queue_list_request all;
    all.limit = queues_told;
    link.totals(totals_question);
    link.queues(queues_question, all);
  }

  std::optional<reply> answered(question name, const answer& what, exchange_link& link) override {
    if (const auto* failure = std::get_if<status>(&what.content))
      return problem_reply(problem_of(*failure));
    if (name == statistics_question)
      return shown(*std::get<statistics_ptr>(what.content), link);
    if (name == totals_question)
      totals_ = std::get<totals_ptr>(what.content);
    else
      queues_ = std::get<queue_page_ptr>(what.content);
    if (totals_ && queues_) {
      std::vector<std::string> names;
      for (const auto& queue : queues_->queues)
        names.push_back(queue.name);
      link.statistics(statistics_question, std::move(names));
    }
    return std::nullopt;
  }

private:
  reply shown(const statistics_view& view, const exchange_link& link) const {
    const auto now = now_();
    std::string out;
    json_writer w(out);
    w.begin_object();
    write_counts(w, totals_->counts);
    write_age(w, totals_->oldest_queued, now);
    write_activity(w, view.all);
    write_summary(w, "commit_s", view.commits);
    w.key("connections").integer(static_cast<int64_t>(link.front().connections));
    w.key("since").time(view.since);
    w.key("queues").begin_array();
    for (const auto& queue : queues_->queues)
      write_queue_line(w, queue, view, now);
    w.end_array();
    w.key("more_queues").boolean(queues_->next.has_value());
    w.end_object();
    return json_reply(200, std::move(out));
  }

  wall_clock now_;
  totals_ptr totals_;
  queue_page_ptr queues_;
};

} // namespace

void add_stats_routes(router& to, wall_clock now) {
  to.add(http_method::get, "/v1/stats", {scope::read},
         [now](const route_call& call) -> route_result {
           if (auto errors = refuse_query(call.query); !errors.empty())
             return problem_reply(problems::invalid(std::move(errors)));
           return std::make_unique<stats_rest>(now, call.link);
         });
}

} // namespace errand
