// Verbs as one-line transactions, and tasks as text.
#include "tests/store/conformance.hpp"

#include "tests/store/sqlite_places.hpp"

#include <algorithm>
#include <sstream>

namespace errand::test {

std::vector<place_factory> every_store() {
  return {[] { return std::make_unique<file_place>(); },
          [] { return std::make_unique<memory_place>(); }};
}

store_fixture::store_fixture(const place_factory& factory) : place_(factory()) {
  use(place_->open());
}

void store_fixture::use(status_or<std::unique_ptr<store>> opened) {
  if (!opened.ok())
    FAIL(opened.why().message());
  db_ = std::move(*opened);
  auto reader = db_->open_reader();
  if (!reader.ok())
    FAIL(reader.why().message());
  reader_ = std::move(*reader);
}

void store_fixture::reopen() {
  reader_.reset();
  db_.reset();
  use(place_->open());
}

void store_fixture::reopen_after_crash() {
  auto survivor = place_->open_after_crash();
  reader_.reset();
  db_.reset();
  use(std::move(survivor));
}

void store_fixture::require_ok(const status& result) {
  INFO(result.message());
  REQUIRE(result.ok());
}

task store_fixture::insert(const task_spec& spec, timestamp now) {
  const auto added = committed([&] { return db_->insert(spec, now); });
  REQUIRE(added);
  REQUIRE(added->ok());
  REQUIRE(!(*added)->duplicate);
  return (*added)->task;
}

task store_fixture::insert(const std::string& queue, int priority, timestamp now) {
  task_spec spec;
  spec.kind = "noop";
  spec.queue = queue;
  spec.priority = priority;
  return insert(spec, now);
}

std::vector<attempt_spec> store_fixture::claim(const claim_request& request, timestamp now) {
  return committed([&] { return db_->claim(request, now); }).attempts;
}

attempt_ref store_fixture::claim_one(const std::string& worker, timestamp now) {
  const auto claimed = claim({{worker}, 0, {}}, now);
  REQUIRE(claimed.size() == 1);
  return claimed[0].ref;
}

std::optional<task_fact> store_fixture::finish(const attempt_ref& ref, attempt_outcome outcome,
                                               timestamp now) {
  return committed([&] { return db_->finish(report_of(ref, outcome, now)); });
}

std::optional<task_fact> store_fixture::note(const attempt_note& note) {
  return committed([&] { return db_->note(note); });
}

std::optional<task_fact> store_fixture::lose(const attempt_ref& ref, timestamp now) {
  return committed([&] { return db_->lose(ref, now); });
}

std::optional<task_fact> store_fixture::release(const attempt_ref& ref, timestamp now) {
  return committed([&] { return db_->release(ref, now); });
}

std::optional<task> store_fixture::order(const task_id& id, task_order what, timestamp now) {
  const auto done = committed([&] {
    switch (what) {
    case task_order::cancel:
      return db_->cancel(id, now);
    case task_order::retry:
      return db_->renew(id, now);
    case task_order::purge:
      return db_->purge(id, now);
    case task_order::remove:
      break;
    }
    return db_->remove(id, now);
  });
  REQUIRE(done);
  if (done->ok())
    return **done;
  CHECK((done->why().code() == ec::wrong_state || done->why().code() == ec::not_found
         || done->why().code() == ec::not_unique));
  CHECK(done->why().message().find(id.to_string()) != std::string::npos);
  return std::nullopt;
}

std::vector<task_fact> store_fixture::promote_due(timestamp now, size_t max) {
  return committed([&] { return db_->promote_due(now, max); });
}

std::vector<task_fact> store_fixture::recover(timestamp now) {
  return committed([&] { return db_->recover(now); });
}

task store_fixture::get(const task_id& id) {
  auto found = reader_->get(id);
  if (!found.ok())
    FAIL(found.why().message());
  return *found;
}

std::vector<log_record> store_fixture::log(const task_id& id) {
  auto page = reader_->log({id});
  if (!page.ok())
    FAIL(page.why().message());
  CHECK(!page->more);
  return page->lines;
}

pending_upstream store_fixture::waits_for(const task_id& id) {
  auto found = reader_->place(id);
  REQUIRE(found.ok());
  return found->waits_for;
}

std::vector<task> store_fixture::list(const list_request& request) {
  std::vector<task> all;
  auto next = request;
  for (;;) {
    auto page = reader_->list(next);
    if (!page.ok())
      FAIL(page.why().message());
    std::move(page->tasks.begin(), page->tasks.end(), std::back_inserter(all));
    if (!page->next)
      return all;
    REQUIRE(*page->next == all.back().id.sequence());
    next.after = page->next;
  }
}

task_counts store_fixture::counts() {
  auto counts = reader_->counts();
  if (!counts.ok())
    FAIL(counts.why().message());
  return *counts;
}

void store_fixture::check_counters() {
  task_counts counted;
  std::map<std::string, timestamp> oldest;
  for (const auto& row : list()) {
    ++counted[row.spec.queue][row.state];
    if (row.state == task_state::queued) {
      const auto known = oldest.emplace(row.spec.queue, row.run_at).first;
      known->second = std::min(known->second, row.run_at);
    }
  }
  REQUIRE(counts() == counted);
  for (const auto& [queue, by_state] : counted) {
    const auto told = reader_->queue(queue);
    require_ok(told.ok() ? status() : told.why());
    const auto known = oldest.find(queue);
    REQUIRE(told->oldest_queued.has_value() == (known != oldest.end()));
    if (told->oldest_queued) {
      REQUIRE(*told->oldest_queued <= known->second);
      REQUIRE(*told->oldest_queued > known->second - std::chrono::milliseconds(100));
    }
  }
}

task_spec noop(std::vector<task_id> after, dependency_policy policy) {
  task_spec spec;
  spec.kind = "noop";
  spec.after = std::move(after);
  spec.on_dependency_failure = policy;
  return spec;
}

work_filter_ptr from(std::vector<std::string> queues) {
  return std::make_shared<const work_filter>(work_filter{{std::move(queues), {}}, {}});
}

std::vector<std::string> workers(size_t n) {
  std::vector<std::string> names;
  for (size_t i = 1; i <= n; ++i)
    names.push_back("worker-" + std::to_string(i));
  return names;
}

attempt_report report_of(const attempt_ref& ref, attempt_outcome outcome, timestamp now) {
  attempt_report report;
  report.ref = ref;
  report.outcome = outcome;
  if (outcome == attempt_outcome::succeeded) {
    report.result_json = R"({"answer": 42})";
  } else {
    report.error_type = "exception";
    report.error_message = "no such file";
  }
  report.worker = "worker-9";
  report.started_at = now - std::chrono::seconds(2);
  report.finished_at = now;
  return report;
}

std::string describe(const task& t) {
  std::ostringstream out;
  const auto time = [](const std::optional<timestamp>& when) {
    return when ? std::to_string(when->time_since_epoch().count()) : std::string("-");
  };
  const auto error = [](const std::optional<task_error>& e) {
    return e ? e->type + "/" + e->message + "/" + std::to_string(e->attempt) : std::string("-");
  };
  out << t.id.to_string() << ' ' << to_string(t.state) << " kind=" << t.spec.kind
      << " queue=" << t.spec.queue << " priority=" << t.spec.priority
      << " args=" << t.spec.args_json << " asked=" << time(t.spec.run_at) << '+'
      << t.spec.delay.count() << " timeout=" << t.spec.timeout.count()
      << " trace=" << t.spec.traceparent << " created=" << time(t.created_at)
      << " run_at=" << time(t.run_at) << " started=" << time(t.started_at)
      << " finished=" << time(t.finished_at) << " attempt=" << t.attempt
      << " failures=" << t.failures << " of " << t.spec.max_attempts << " crashes=" << t.crashes
      << " of " << t.spec.max_crashes << " backoff=" << t.spec.retry.min_backoff.count() << ".."
      << t.spec.retry.max_backoff.count() << '*' << t.spec.retry.factor << "+-"
      << t.spec.retry.jitter << (t.cancel_requested ? " cancel_requested" : "")
      << (t.cancel_reason ? " cancelled: " + std::string(to_string(*t.cancel_reason)) : "")
      << " worker=" << t.worker << " result=" << t.result_json.value_or("-")
      << " error=" << error(t.error);
  if (!t.spec.group.empty())
    out << " group=" << t.spec.group;
  if (!t.spec.callback_url.empty())
    out << " callback_url=" << t.spec.callback_url;
  if (t.spec.expires_at)
    out << " expires=" << time(t.spec.expires_at);
  if (t.spec.unique)
    out << " unique=" << t.spec.unique->key << '/' << to_string(t.spec.unique->until) << '/'
        << t.spec.unique->window.count() << '/' << to_string(t.spec.unique->on_conflict);
  if (t.progress)
    out << " progress=" << t.progress->fraction << '/' << t.progress->message;
  for (const auto& id : t.spec.after)
    out << " after=" << id.to_string();
  if (!t.spec.after.empty())
    out << " else=" << to_string(t.spec.on_dependency_failure);
  for (const auto& [name, value] : t.spec.tags)
    out << " #" << name << '=' << value;
  for (const auto& a : t.attempts)
    out << " [" << a.number << ' ' << time(a.started_at) << ".." << time(a.finished_at) << ' '
        << a.worker << ' ' << a.outcome << ' ' << error(a.error) << ' ' << time(a.next_run_at)
        << ']';
  return out.str();
}

} // namespace errand::test
