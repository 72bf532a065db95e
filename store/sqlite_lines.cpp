// Which tasks of a queue are next: by priority, then the groups take turns, then by age. A group's
// ready tasks of one kind and priority stand in a line; whose line has the lowest turn is next, and
// goes to the end with a new one. So a claim looks at as many lines as it takes tasks, however many
// lines there are and however long. All tasks without a group are one more group, which needs no
// line: their index is one.
#include "store/sqlite_store.hpp"

#include <algorithm>
#include <map>
#include <utility>

namespace errand {

namespace {

/// Turns of tasks without a group are remembered while groups stand beside them; with more queues
/// and priorities than that they begin anew.
constexpr size_t plain_turns_max = 10'000;

} // namespace

/// What memory holds of lines, of what limits them, and of what shares them out.
void sqlite_store::load_lines() {
  turn_ = connection_.integer("SELECT coalesce(max(turn), 0) FROM lines");
  sqlite_statement running(connection_,
                           "SELECT queue, group_name, count(*) FROM tasks INDEXED BY tasks_by_state"
                           " WHERE state = {running} AND group_name IS NOT NULL"
                           " GROUP BY queue, group_name");
  sqlite_execution of_group(running);
  while (of_group.next())
    groups_.load(of_group.text(0), of_group.text(1), of_group.integer(2));
  sqlite_statement began(connection_, "SELECT queue, seq, started_at_us FROM tasks"
                                      " INDEXED BY tasks_by_state WHERE state = {running}");
  sqlite_execution of_queue(began);
  while (of_queue.next())
    running_time_.load(of_queue.text(0), of_queue.integer(1), of_queue.time(2));
  sqlite_statement kept(connection_,
                        "SELECT name, tokens, tokens_at_us FROM queues WHERE tokens IS NOT NULL");
  sqlite_execution bucket(kept);
  while (bucket.next())
    buckets_.load(bucket.text(0), bucket.number(1), bucket.time(2));
}

void sqlite_store::line_up(std::string_view queue, std::string_view group, std::string_view kind,
                           int64_t priority, timestamp due) {
  ages_.add(queue, due);
  if (!group.empty())
    sqlite_execution(sql_.line_up, queue, group, kind, -priority, ++turn_).run();
}

void sqlite_store::leave_line(std::string_view queue, std::string_view group, std::string_view kind,
                              int64_t rank) {
  sqlite_execution(sql_.leave_line, queue, group, kind, rank).run();
}

void sqlite_store::rejoin(std::string_view queue, std::string_view group) {
  if (!group.empty() && queues_.of(queue).group_concurrency)
    sqlite_execution(sql_.rejoin, ++turn_, queue, group).run();
}

/// Another rate begins with a full bucket, another limit of groups lets each try once more.
void sqlite_store::limits_change(std::string_view queue, const queue_settings& from,
                                 const queue_settings& to) {
  if (from.rate != to.rate)
    buckets_.forget(queue);
  if (from.group_concurrency == to.group_concurrency)
    return;
  std::vector<std::string> aside;
  {
    sqlite_execution row(sql_.aside, queue);
    while (row.next())
      aside.push_back(row.text(0));
  }
  for (const auto& group : aside)
    sqlite_execution(sql_.rejoin, ++turn_, queue, group).run();
}

/// Picks tasks of one queue for one claim.
class sqlite_store::picker {
public:
  picker(sqlite_store& store, const source& from, size_t max)
      : store_(store), sql_(store.sql_), from_(from), max_(max) {}

  std::vector<ready_task> pick() {
    const auto plain = plain_tasks();
    auto next = plain.begin();
    auto rank = first_rank(INT64_MIN);
    while (rank && !full()) {
      if (next != plain.end())
        rank = std::min(*rank, next->rank);
      flow without;
      while (next != plain.end() && next->rank == *rank)
        without.found.push_back(*next++);
      pick_at(*rank, std::move(without));
      rank = first_rank(*rank + 1);
    }
    // No groups from here on.
    const auto left = std::min<size_t>(max_ - picked_.size(), plain.end() - next);
    picked_.insert(picked_.end(), next, next + static_cast<ptrdiff_t>(left));
    return std::move(picked_);
  }

private:
  /// Those whose turn it is together: a group, or all tasks without one.
  struct flow {
    std::string group; ///< Empty: those without.
    int64_t turn = 0;
    std::vector<std::string_view> kinds;              ///< It has lines of these.
    size_t room = std::numeric_limits<size_t>::max(); ///< So many more of it may run.
    std::vector<ready_task> found;                    ///< The next ones, by age.
    size_t taken = 0;                                 ///< Of `found`.
    bool dry = false;                                 ///< There are no more than those.
    size_t served_at = 0; ///< Its newest task's place among all that are picked; 0: none yet.
  };

  bool full() const { return picked_.size() == max_; }

  static bool stands_before(const ready_task& a, const ready_task& b) {
    return std::pair(a.rank, a.sequence) < std::pair(b.rank, b.sequence);
  }

  /// The first ones of all kinds together. A kind is asked for little more than its share; only one
  /// whose tasks all prove to be among the first is asked for more.
  std::vector<ready_task> plain_tasks() {
    int64_t ready = 0;
    for (const auto& each : from_.kinds)
      ready += each.n;
    const auto wanted = static_cast<int64_t>(max_);
    std::vector<ready_task> found;
    std::vector<std::pair<ready_task, int64_t>>
        cut_short; // the last one found, how many there were
    for (const auto& [kind, n] : from_.kinds) {
      const auto share = std::min(wanted, wanted * n / ready * 5 / 4 + 8);
      if (look_for_plain(kind, share, 0, found) == share && share < wanted)
        cut_short.emplace_back(found.back(), share);
    }
    if (from_.kinds.size() > 1)
      std::sort(found.begin(), found.end(), stands_before);
    std::erase_if(cut_short, [&](const auto& each) {
      return found.size() >= max_ && stands_before(found[max_ - 1], each.first);
    });
    for (const auto& [last, n] : cut_short)
      look_for_plain(last.kind, wanted - n, n, found);
    if (!cut_short.empty())
      std::sort(found.begin(), found.end(), stands_before);
    found.resize(std::min(found.size(), max_));
    return found;
  }

  int64_t look_for_plain(std::string_view kind, int64_t max, int64_t skip,
                         std::vector<ready_task>& found) {
    int64_t n = 0;
    sqlite_execution row(sql_.ready, from_.queue, kind, max, skip);
    for (; row.next(); ++n)
      found.push_back({row.integer(0), {}, kind, -row.integer(1)});
    return n;
  }

  /// The rank of the first line, from that rank on.
  std::optional<int64_t> first_rank(int64_t from) {
    std::optional<int64_t> first;
    for (const auto& [kind, n] : from_.kinds) {
      sqlite_execution row(sql_.first_rank, from_.queue, kind, from);
      if (row.next())
        first = std::min(first.value_or(row.integer(0)), row.integer(0));
    }
    return first;
  }

  void pick_at(int64_t rank, flow without) {
    flows_.clear();
    if (!without.found.empty()) {
      without.dry = true; // as far as this claim goes
      if (const auto turn = store_.plain_turns_.find({std::string(from_.queue), rank});
          turn != store_.plain_turns_.end())
        without.turn = turn->second;
      flows_.push_back(std::move(without));
    }
    // One turn for each, as long as there are lines that had none; then again and again.
    last_turn_.assign(from_.kinds.size(), INT64_MIN);
    bool all_known = false;
    for (size_t known = 0; !all_known && !full(); known = flows_.size()) {
      all_known = add_lines(rank);
      std::sort(flows_.begin() + static_cast<ptrdiff_t>(known), flows_.end(),
                [](const flow& a, const flow& b) { return a.turn < b.turn; });
      serve(rank, known, all_known ? share_of_each() : 1);
    }
    for (bool served = true; served && !full();)
      served = serve(rank, 0, share_of_each());
    if (flows_.size() > 1)
      give_turns(rank);
  }

  size_t share_of_each() const {
    const auto flows = std::max<size_t>(flows_.size(), 1);
    return (max_ - picked_.size() + flows - 1) / flows;
  }

  /// Adds the lines that come after those that are known, more than are needed to fill up. Whether
  /// these were the last.
  bool add_lines(int64_t rank) {
    const auto wanted = max_ - picked_.size() + 1;
    const auto limit = store_.queues_.of(from_.queue).group_concurrency;
    std::map<std::string, size_t> places; // in flows_; only a second kind needs it
    bool all_known = true;
    std::vector<std::string> at_limit;
    for (size_t i = 0; i < from_.kinds.size(); ++i) {
      size_t n = 0;
      sqlite_execution row(sql_.lines, from_.queue, from_.kinds[i].kind, rank, last_turn_[i],
                           static_cast<int64_t>(wanted));
      for (; row.next(); ++n) {
        last_turn_[i] = row.integer(0);
        flow next;
        next.group = row.text(1);
        next.turn = row.integer(0);
        if (i > 0)
          if (const auto known = places.find(next.group); known != places.end()) {
            flows_[known->second].kinds.push_back(from_.kinds[i].kind);
            continue;
          }
        if (limit) {
          const auto running = store_.groups_.running(from_.queue, next.group);
          const auto left = *limit - running - static_cast<int64_t>(picked_of_[next.group]);
          if (running >= *limit)
            at_limit.push_back(next.group);
          if (left <= 0)
            continue;
          next.room = static_cast<size_t>(left);
        }
        next.kinds.push_back(from_.kinds[i].kind);
        flows_.push_back(std::move(next));
        if (from_.kinds.size() > 1)
          places.emplace(flows_.back().group, flows_.size() - 1);
      }
      all_known &= n < wanted;
    }
    for (const auto& group : at_limit)
      sqlite_execution(sql_.stand_aside, from_.queue, group).run();
    return all_known;
  }

  /// A turn for each flow from that place on; who needs to look for tasks looks for so many.
  /// Whether anything was picked.
  bool serve(int64_t rank, size_t first, size_t at_a_time) {
    const auto before = picked_.size();
    for (auto i = first; i < flows_.size() && !full(); ++i) {
      auto& next = flows_[i];
      if (next.room == 0)
        continue;
      if (next.taken == next.found.size() && !next.dry)
        look_for_tasks(rank, next, std::min(at_a_time, next.room));
      if (next.taken == next.found.size())
        continue;
      picked_.push_back(next.found[next.taken++]);
      next.served_at = picked_.size();
      --next.room;
      if (!next.group.empty())
        ++picked_of_[next.group];
    }
    return picked_.size() > before;
  }

  void look_for_tasks(int64_t rank, flow& of, size_t max) {
    const auto after = of.found.empty() ? 0 : of.found.back().sequence;
    std::vector<ready_task> found;
    for (const auto kind : of.kinds) {
      const auto before = found.size();
      {
        sqlite_execution row(sql_.line, from_.queue, kind, of.group, -rank, after,
                             static_cast<int64_t>(max));
        while (row.next())
          found.push_back({row.integer(0), of.group, kind, rank});
      }
      if (found.size() == before && of.found.empty())
        store_.leave_line(from_.queue, of.group, kind, rank); // its tasks went some other way
    }
    of.dry = found.size() < max;
    std::sort(found.begin(), found.end(),
              [](const ready_task& a, const ready_task& b) { return a.sequence < b.sequence; });
    found.resize(std::min(found.size(), max));
    if (of.dry)
      for (const auto kind : of.kinds)
        if (const auto last = std::find_if(found.rbegin(), found.rend(),
                                           [&](const ready_task& t) { return t.kind == kind; });
            last != found.rend())
          last->is_last = true;
    of.found.insert(of.found.end(), found.begin(), found.end());
  }

  /// Who was served goes to the end.
  void give_turns(int64_t rank) {
    std::erase_if(flows_, [](const flow& each) { return each.served_at == 0; });
    std::sort(flows_.begin(), flows_.end(),
              [](const flow& a, const flow& b) { return a.served_at < b.served_at; });
    for (const auto& each : flows_) {
      const auto turn = ++store_.turn_;
      if (each.group.empty()) {
        if (store_.plain_turns_.size() >= plain_turns_max)
          store_.plain_turns_.clear();
        store_.plain_turns_[{std::string(from_.queue), rank}] = turn;
      } else if (!each.dry || each.taken < each.found.size()) { // else it leaves
        sqlite_execution(sql_.put_turn, turn, from_.queue, each.group, rank).run();
      }
    }
  }

  sqlite_store& store_;
  statements& sql_;
  const source& from_;
  const size_t max_;
  std::vector<ready_task> picked_;
  std::map<std::string, size_t, std::less<>> picked_of_; ///< How many, of each group.

  // Of the rank that is picked from.
  std::vector<flow> flows_;
  std::vector<int64_t> last_turn_; ///< Of the lines that are known; by place in from_.kinds.
};

std::vector<sqlite_store::ready_task> sqlite_store::pick(const source& from, size_t max) {
  return picker(*this, from, max).pick();
}

} // namespace errand
