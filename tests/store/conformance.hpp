// What every store must do, whatever it is made of. The cases are in conformance_*_test.cpp; each
// runs once for every kind of store in every_store(). A new kind of store adds itself there.
#pragma once

#include "store/store.hpp"
#include "tests/support/catch.hpp"

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace errand::test {

/// Where one store of a kind lives, from an empty one on. Removed with the object.
class store_place {
public:
  virtual ~store_place() = default;
  virtual std::string name() const = 0;
  virtual status_or<std::unique_ptr<store>> open() = 0;

  /// Whether a store that was closed finds its tasks when it is opened again.
  virtual bool is_durable() const = 0;

  /// Opens what a server would find if this one were killed now, while its store is open. Only if
  /// is_durable().
  virtual status_or<std::unique_ptr<store>> open_after_crash() = 0;

  /// Nothing can be written to the disk as long as the result lives; null if the kind has no disk.
  virtual std::shared_ptr<void> fill_disk() = 0;
};

using place_factory = std::function<std::unique_ptr<store_place>()>;
std::vector<place_factory> every_store();

inline constexpr timestamp noon{std::chrono::sys_days{std::chrono::year{2026} / 11 / 22}
                                + std::chrono::hours(12)};

/// An open store with a reader, and the verbs as one-line transactions.
class store_fixture {
public:
  explicit store_fixture(const place_factory& factory);

  store& db() { return *db_; }
  store_reader& reader() { return *reader_; }
  store_place& place() { return *place_; }

  void reopen();
  void reopen_after_crash();

  /// begin(), body, commit(); requires that both succeed. Within another one it is a part of that.
  template <class Body>
  auto committed(Body body) {
    if (is_open_)
      return body();
    require_ok(db_->begin());
    is_open_ = true;
    auto result = body();
    is_open_ = false;
    consequences_ = db_->consequences();
    require_ok(db_->commit());
    return result;
  }

  /// body(1), body(2), … body(times), with few commits: a disk takes milliseconds for each.
  template <class Body>
  void repeat(int times, Body body) {
    for (int i = 1; i <= times;)
      committed([&] {
        do
          body(i);
        while (i++ < times && i % 100 != 0);
        return true;
      });
  }

  /// What the last committed() did to tasks that it did not name.
  const std::vector<task_fact>& consequences() const { return consequences_; }

  task insert(const task_spec& spec, timestamp now = noon);
  task insert(const std::string& queue = "default", int priority = 0, timestamp now = noon);
  std::vector<attempt_spec> claim(const claim_request& request, timestamp now = noon);
  /// For one idle worker of that name.
  attempt_ref claim_one(const std::string& worker = "worker-1", timestamp now = noon);
  std::optional<task_fact> finish(const attempt_ref& ref, attempt_outcome outcome,
                                  timestamp now = noon);
  std::optional<task_fact> note(const attempt_note& note);
  std::optional<task_fact> lose(const attempt_ref& ref, timestamp now = noon);
  std::optional<task_fact> release(const attempt_ref& ref, timestamp now = noon);

  /// Nothing if the order was refused, which must have changed nothing.
  std::optional<task> order(const task_id& id, task_order what, timestamp now = noon);
  std::vector<task_fact> promote_due(timestamp now, size_t max = 100);
  std::vector<task_fact> recover(timestamp now = noon);

  task get(const task_id& id);
  std::vector<log_record> log(const task_id& id); ///< All of it.
  pending_upstream waits_for(const task_id& id);
  std::vector<task> list(const list_request& request = {}); ///< All pages.
  task_counts counts();
  /// What the counters tell must be what a count of all rows tells.
  void check_counters();

  static void require_ok(const status& result);

private:
  void use(status_or<std::unique_ptr<store>> opened);

  std::unique_ptr<store_place> place_;
  std::unique_ptr<store> db_;
  std::unique_ptr<store_reader> reader_;
  std::vector<task_fact> consequences_;
  bool is_open_ = false; ///< In a committed().
};

/// `n` workers: "worker-1" and so on.
std::vector<std::string> workers(size_t n);

/// A spec that comes after those.
task_spec noop(std::vector<task_id> after = {},
               dependency_policy policy = dependency_policy::cancel);

/// Takes only tasks of these queues.
work_filter_ptr from(std::vector<std::string> queues);

attempt_report report_of(const attempt_ref& ref, attempt_outcome outcome, timestamp now = noon);

/// All that a task holds, for comparing and for messages.
std::string describe(const task& t);

/// What every case opens with: the place's name is told if it fails.
#define FOR_EVERY_STORE(fixture)                                                                   \
  ::errand::test::store_fixture fixture(GENERATE(from_range(::errand::test::every_store())));      \
  INFO("store: " << fixture.place().name())

} // namespace errand::test
