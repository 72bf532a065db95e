// What messages carry. They never leave the process, so it is values and shared pointers as they
// are; what a pointer shows is const or atomic.
#pragma once

#include "actors/attempt_batch.hpp"
#include "actors/process_figures.hpp"
#include "store/store.hpp"
#include "task/activity.hpp"
#include "task/batch.hpp"
#include "task/event_type.hpp"
#include "task/lease.hpp"
#include "task/status.hpp"
#include "task/task.hpp"
#include "task/task_counters.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace errand {

using task_ptr = std::shared_ptr<const task>;
using insertion_ptr = std::shared_ptr<const insertion>;
using task_spec_ptr = std::shared_ptr<const task_spec>;
using task_batch_ptr = std::shared_ptr<const task_batch>;
using task_page_ptr = std::shared_ptr<const task_page>;
using found_tasks_ptr = std::shared_ptr<const found_tasks>;
using task_place_ptr = std::shared_ptr<const task_place>;
using log_page_ptr = std::shared_ptr<const log_page>;
using facts_ptr = std::shared_ptr<const std::vector<task_fact>>;

/// What a CLIENT's request is called in the answer; unique within that client.
using request_number = uint64_t;

/// Whose claim is meant: one of the DISPATCHER's pools of workers, counted from 0, the default
/// pool; or workers outside that want the same, which the LESSOR counts from first_crew.
using pool_number = uint32_t;
inline constexpr pool_number first_crew = 1 << 16;

struct worker_order; ///< See dispatcher.hpp.
using worker_order_ptr = std::shared_ptr<const worker_order>;

/// One worker, as the DISPATCHER sees it.
struct worker_view {
  enum class what : uint8_t {
    idle,
    running,
    stuck, ///< Its handler ignored the deadline, and the attempt was failed without it.
    away,  ///< It is outside and asks for nothing right now; it may have leases, or be gone.
  };
  std::string name;
  std::string pool;     ///< Empty: it is outside of the process and leases.
  work_filter_ptr runs; ///< What tasks; null: all.
  what state = what::idle;
  std::optional<attempt_ref> attempt; ///< What it runs; it and the rest are not set while idle,
                                      ///< and never of one that leases, save `since`.
  std::string kind;
  std::string queue;
  timestamp since{}; ///< When the handler began; when one that leases asked last.
};

using worker_views_ptr = std::shared_ptr<const std::vector<worker_view>>;

using queue_settings_ptr = std::shared_ptr<const queue_settings>;
using queue_view_ptr = std::shared_ptr<const queue_view>;
using queue_page_ptr = std::shared_ptr<const queue_page>;
using kept_reply_ptr = std::shared_ptr<const kept_reply>;
using schedule_put_ptr = std::shared_ptr<const schedule_put>;
using schedule_change_ptr = std::shared_ptr<const schedule_change>;
using schedule_view_ptr = std::shared_ptr<const schedule_view>;
using schedule_page_ptr = std::shared_ptr<const schedule_page>;

/// How far the STORE came with an order for several tasks.
struct orders_done {
  size_t tried = 0; ///< The first so many of them.
  size_t done = 0;  ///< Those of them that were in a state in which it can be done.
};

/// What happened, other than to a task; published after the commit like a task_fact.
struct notice {
  event_type type{};
  std::string queue = {};                             ///< Which queue it is about, if any.
  std::optional<queue_settings> settings = {};        ///< Of that queue, as they are now.
  uint64_t tasks = 0;                                 ///< How many were deleted; queue_purged only.
  std::shared_ptr<const schedule_fact> schedule = {}; ///< What happened to it, if to one.
};

using notices_ptr = std::shared_ptr<const std::vector<notice>>;

/// A fact or a notice with its number.
struct event_record {
  uint64_t id = 0; ///< Counts up, not always by one; never used again, also after a restart.
  event_type type{};
  timestamp at{};                        ///< When EVENTS was told, right after the commit.
  std::shared_ptr<const task_fact> fact; ///< Null if it is a notice.
  std::shared_ptr<const errand::notice> notice = {}; ///< Null if it is a fact.
};

/// Which events somebody wants: those that fit in every respect.
struct event_filter {
  std::vector<event_type> types; ///< Any of these, each once, in order; empty means all.
  std::optional<std::string> queue;
  std::optional<std::string> kind;
  std::optional<task_id> task;

  friend auto operator<=>(const event_filter&, const event_filter&) = default;
};

struct subscription {
  event_filter filter;
  std::optional<uint64_t> after; ///< event_record::id to resume behind; nothing: from now on.
};

/// Some events, for a subscriber.
struct event_slice {
  std::vector<event_record> events; ///< By id.
  bool gap = false;                 ///< Before these, some are missing that nobody has any more.
  bool more = false;                ///< There are more, and no others come: subscribe after `last`.
  uint64_t last = 0;                ///< Where to resume: nothing up to this is missing.
};

using event_slice_ptr = std::shared_ptr<const event_slice>;

/// What has become of a batch: its tasks in order.
struct accepted_batch {
  struct row {
    task_id id;
    task_state state;
    bool duplicate; ///< Was there before, and stands for the one that was sent.
  };
  std::vector<row> tasks;
};

using accepted_batch_ptr = std::shared_ptr<const accepted_batch>;

/// What STATISTICS knows.
struct statistics_view {
  activity all;
  duration_summary commits;
  std::map<std::string, activity> queues; ///< Those that were asked for and in which anything was.
  timestamp since{};                      ///< When it began to count.
};

/// All commits since the start.
struct commit_counters {
  bucket_histogram took{server_time_bounds()};
  bucket_histogram changes{batch_size_bounds()}; ///< Facts that share one.
  uint64_t failed = 0;                           ///< Not in the others.
};

/// Everything that STATISTICS has counted since it started.
struct metrics_view {
  task_counters tasks;
  commit_counters commits;
  timestamp since{};
  std::optional<process_figures> process;
};

using metrics_ptr = std::shared_ptr<const metrics_view>;

/// What an actor has in hand, by names that live for ever.
using actor_figures = std::vector<std::pair<std::string_view, uint64_t>>;

/// How an actor stands while it answers that question.
struct actor_view {
  size_t mailbox = 0; ///< Messages that wait behind the question.
  actor_figures figures;
};

using actor_view_ptr = std::shared_ptr<const actor_view>;
using statistics_ptr = std::shared_ptr<const statistics_view>;
using totals_ptr = std::shared_ptr<const store_totals>;

/// Attempts that were leased to a client together; perhaps none.
using leases_ptr = std::shared_ptr<const std::vector<lease>>;
using lease_signs_ptr = std::shared_ptr<const std::vector<lease_sign>>;
using lease_states_ptr = std::shared_ptr<const std::vector<lease_state>>; ///< Beside the signs.
using lease_ends_ptr = std::shared_ptr<const std::vector<lease_end>>;
using lease_views_ptr = std::shared_ptr<const std::vector<lease_view>>;

/// What became of the tasks, beside the ends that were told; nothing if that was no lease.
using ended_leases_ptr = std::shared_ptr<const std::vector<std::optional<task_state>>>;

/// What is answered: a failure (or plain success), a task, what became of a spec or a batch, a page
/// of tasks, of a log, of queues or schedules, all workers, events, statistics, …, or what was
/// replied when the request came first.
using answer_content =
    std::variant<status, task_ptr, insertion_ptr, accepted_batch_ptr, task_page_ptr, log_page_ptr,
                 worker_views_ptr, event_slice_ptr, found_tasks_ptr, orders_done, task_place_ptr,
                 kept_reply_ptr, queue_settings_ptr, queue_view_ptr, queue_page_ptr, totals_ptr,
                 statistics_ptr, schedule_change_ptr, schedule_view_ptr, schedule_page_ptr,
                 leases_ptr, lease_states_ptr, ended_leases_ptr, lease_views_ptr, metrics_ptr,
                 actor_view_ptr>;

/// Goes with a request that may come twice. Null with any other.
struct request_key {
  request_mark mark;

  /// Makes the reply of what is answered, unless that is a failure. The STORE calls it in its
  /// thread, so it holds nothing of the client's but copies. None if that answer is not the last
  /// word: the client then sends the reply with `keep` when it has it.
  std::function<kept_reply(const answer_content&)> reply;
};

using request_key_ptr = std::shared_ptr<const request_key>;

struct answer {
  request_number request = 0;
  answer_content content;
};

using answers_ptr = std::shared_ptr<const std::vector<answer>>;

/// What the STORE found for a claim.
struct claimed_attempts {
  pool_number pool = 0; ///< Whose claim it was.
  std::vector<attempt_spec> attempts;
};

/// A worker outside, which waits for attempts.
struct lease_request {
  work_set wanted; ///< Tasks of these.
  lease_wish wish;
  bool waits = false; ///< Else it is answered at once, also if there is nothing.
};

using lease_request_ptr = std::shared_ptr<const lease_request>;

/// What workers outside that want the same wait for, those who waited longest first.
struct lease_claim {
  struct entry {
    uint64_t ticket; ///< Which of them; never used again.
    lease_wish wish;
    bool waits; ///< Else it has a share also if there is nothing for it.
  };
  uint64_t number = 0; ///< Which claim this is; never used again.
  std::vector<entry> waiting;
  work_filter_ptr filter;
};

/// What one of them gets.
struct lease_share {
  uint64_t ticket = 0;
  leases_ptr leases; ///< Empty only for one that does not wait.
};

/// What the STORE found for such a claim, which is over with that.
struct served_leases {
  pool_number crew = 0;
  uint64_t claim = 0; ///< lease_claim::number.
  std::vector<lease_share> shares;
};

/// When the next task falls due, if any does.
struct due_time {
  std::optional<timestamp> next;
};

/// That a step of the store's upkeep is done; where to go on, if there is more to do.
struct upkeep_progress {
  std::optional<int64_t> next;
};

} // namespace errand
