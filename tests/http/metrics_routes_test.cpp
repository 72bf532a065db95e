// What /metrics makes of the actors' answers, and of answers that do not come.
#include "http/metrics_routes.hpp"

#include "http/actor_survey.hpp"
#include "tests/http/recording_link.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/silent_logger.hpp"

#include <algorithm>

using namespace errand;
using namespace errand::test;
using namespace std::chrono_literals;

namespace {

constexpr question totals = actor_survey::questions;
constexpr question queues = totals + 1;
constexpr question counted = totals + 2;
constexpr question workers = totals + 3;

const timestamp now{std::chrono::sys_days{std::chrono::year{2026} / 11 / 22}};

struct metrics_fixture {
  metrics_fixture() {
    add_metrics_routes(all, "1.2.3", [] { return now; });
    auto result = all.route(request_of(http_method::get, "/metrics"), link, open_gate);
    rest = std::move(std::get<parked>(result));
  }

  std::optional<reply> answer(question name, answer_content content) {
    return rest->answered(name, {0, std::move(content)}, link);
  }

  /// All actors tell how they stand, but for one of them.
  std::optional<reply> answer_survey(std::optional<peer> silent = {}) {
    std::optional<reply> made;
    for (const auto who : all_peers)
      if (who != silent)
        made = answer(static_cast<question>(who),
                      std::make_shared<const actor_view>(actor_view{
                          static_cast<size_t>(who), {{"waiting", 6}, {"lost_workers", 2}}}));
    return made;
  }

  void answer_depth(queue_page page, store_totals of_all = {}) {
    answer(totals, std::make_shared<const store_totals>(of_all));
    answer(queues, std::make_shared<const queue_page>(std::move(page)));
  }

  std::optional<reply> answer_workers() {
    std::vector<worker_view> views(3);
    views[0] = {"worker-1", "default", {}, worker_view::what::running, {}, {}, {}, {}};
    views[1] = {"worker-2", "default", {}, worker_view::what::idle, {}, {}, {}, {}};
    views[2] = {"worker-3", "slow", {}, worker_view::what::stuck, {}, {}, {}, {}};
    return answer(workers, std::make_shared<const std::vector<worker_view>>(views));
  }

  std::optional<reply> answer_counted(metrics_view view = {}) {
    return answer(counted, std::make_shared<const metrics_view>(std::move(view)));
  }

  bool was_asked(const std::string& what) {
    return std::find(link.asked.begin(), link.asked.end(), what) != link.asked.end();
  }

  router all{std::make_shared<silent_logger>()};
  recording_link link;
  parked rest;
};

queue_view queue(const std::string& name, int64_t queued, duration age) {
  return {name, {}, {{task_state::queued, queued}}, now - age};
}

bool has(const reply& made, const std::string& line) {
  return ('\n' + made.body).find('\n' + line + '\n') != std::string::npos;
}

} // namespace

TEST_CASE_METHOD(metrics_fixture, "metrics are told once every actor has answered") {
  CHECK(was_asked("look_at store 0"));
  CHECK(was_asked("look_at tasks 8"));
  CHECK(was_asked("patience 2000"));
  CHECK(!answer_survey());
  CHECK(!answer_workers());
  answer_depth({{queue("mail", 7, 5s)}, {}}, {{{task_state::queued, 7}}, now - 5s, 4});
  REQUIRE(was_asked("metrics with 1 11"));
  metrics_view view;
  view.tasks.admit_queues({"mail"});
  const auto made = answer_counted(std::move(view));
  REQUIRE(made);
  CHECK(made->status == 200);
  CHECK(made->content_type == "text/plain; version=0.0.4; charset=utf-8");
  CHECK(has(*made, R"(errand_tasks{queue="mail",state="queued"} 7)"));
  CHECK(has(*made, R"(errand_tasks{queue="mail",state="running"} 0)"));
  CHECK(has(*made, R"(errand_oldest_queued_seconds{queue="mail"} 5)"));
  CHECK(has(*made, "errand_leases 4"));
  CHECK(has(*made, R"(errand_workers{pool="default",state="running"} 1)"));
  CHECK(has(*made, R"(errand_workers{pool="default",state="stuck"} 0)"));
  CHECK(has(*made, R"(errand_workers{pool="slow",state="stuck"} 1)"));
  CHECK(has(*made, R"(errand_actor_up{actor="store"} 1)"));
  CHECK(has(*made, R"(errand_actor_mailbox_messages{actor="front"} 2)"));
  CHECK(has(*made, R"(errand_actor_mailbox_messages{actor="reader"} 1)"));
  CHECK(has(*made, "errand_workers_lost_total 2"));
  CHECK(has(*made, "errand_lease_requests_waiting 6"));
  CHECK(has(*made, "errand_http_connections 3"));
  CHECK(has(*made, R"(errand_build_info{version="1.2.3"} 1)"));
}

TEST_CASE_METHOD(metrics_fixture, "queues without a label of their own are added up") {
  queue_page page{{queue("a", 1, 9s), queue("b", 2, 20s), queue("mail", 4, 5s)}, {}};
  answer_survey();
  answer_workers();
  answer_depth(page);
  metrics_view view;
  view.tasks.admit_queues({"mail"});
  const auto made = answer_counted(std::move(view));
  REQUIRE(made);
  CHECK(has(*made, R"(errand_tasks{queue="mail",state="queued"} 4)"));
  CHECK(has(*made, R"(errand_tasks{queue="other",state="queued"} 3)"));
  CHECK(has(*made, R"(errand_oldest_queued_seconds{queue="other"} 20)"));
  CHECK(made->body.find("queue=\"a\"") == std::string::npos);
}

TEST_CASE_METHOD(metrics_fixture, "queues that are too many to be looked at are told as the rest") {
  queue_page page{{queue("mail", 4, 5s)}, "mail"};
  answer_survey();
  answer_workers();
  answer_depth(page, {{{task_state::queued, 100}, {task_state::failed, 2}}, now - 60s, 0});
  metrics_view view;
  view.tasks.admit_queues({"mail"});
  const auto made = answer_counted(std::move(view));
  REQUIRE(made);
  CHECK(has(*made, R"(errand_tasks{queue="mail",state="queued"} 4)"));
  CHECK(has(*made, R"(errand_tasks{queue="other",state="queued"} 96)"));
  CHECK(has(*made, R"(errand_tasks{queue="other",state="failed"} 2)"));
  CHECK(has(*made, R"(errand_oldest_queued_seconds{queue="other"} 60)"));
}

TEST_CASE_METHOD(metrics_fixture, "while an actor is silent the others are told, and that it is") {
  answer_survey(peer::events);
  answer_workers();
  answer_depth({{queue("mail", 7, 5s)}, {}});
  CHECK(!answer_counted());
  const auto made = rest->overdue(link);
  REQUIRE(made);
  CHECK(made->status == 200);
  CHECK(has(*made, R"(errand_actor_up{actor="events"} 0)"));
  CHECK(has(*made, R"(errand_actor_up{actor="store"} 1)"));
  CHECK(made->body.find(R"(errand_actor_mailbox_messages{actor="events"})") == std::string::npos);
  CHECK(made->body.find("errand_event_subscribers") == std::string::npos);
  CHECK(made->body.find("errand_tasks{") != std::string::npos);
}

TEST_CASE_METHOD(metrics_fixture, "a silent reader does not hide what was counted") {
  answer_survey(peer::reader);
  answer_workers();
  CHECK(!rest->overdue(link));
  CHECK(was_asked("metrics with 0 11"));
  CHECK(was_asked("patience 1000"));
  CHECK(!answer_counted());
  const auto made = rest->overdue(link);
  REQUIRE(made);
  CHECK(has(*made, "errand_commits_failed_total 0"));
  CHECK(has(*made, R"(errand_actor_up{actor="reader"} 0)"));
  CHECK(made->body.find("errand_tasks{") == std::string::npos);
}

TEST_CASE_METHOD(metrics_fixture, "a store that can't be read leaves its depth out") {
  answer_survey();
  answer_workers();
  answer(totals, status{ec::store_failed, "broken"});
  answer(queues, status{ec::store_failed, "broken"});
  const auto made = answer_counted();
  REQUIRE(made);
  CHECK(made->status == 200);
  CHECK(made->body.find("errand_tasks{") == std::string::npos);
  CHECK(has(*made, "errand_commits_failed_total 0"));
}

TEST_CASE_METHOD(metrics_fixture, "silent statistics leave their counters and the labels out") {
  answer_survey(peer::statistics);
  answer_workers();
  answer_depth({{queue("mail", 7, 5s)}, {}});
  const auto made = rest->overdue(link);
  REQUIRE(made);
  CHECK(made->body.find("errand_tasks{") == std::string::npos);
  CHECK(made->body.find("errand_commits_failed_total") == std::string::npos);
  CHECK(has(*made, R"(errand_actor_up{actor="statistics"} 0)"));
}
