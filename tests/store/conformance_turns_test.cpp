// Who starts next where groups take turns and queues have weights and limits.
#include "tests/store/conformance.hpp"
#include "tests/store/random_seed.hpp"

#include <algorithm>
#include <map>
#include <random>

namespace errand::test {

namespace {

using namespace std::chrono_literals;

/// Tasks that are known by what their tags say.
class play {
public:
  explicit play(store_fixture& fixture) : fixture_(fixture) {}

  /// `n` tasks of that group, named after it: "a1", "a2", …
  void add(const std::string& group, int n, int priority = 0, const std::string& kind = "send") {
    fixture_.committed([&] {
      for (int i = 0; i < n; ++i) {
        task_spec spec;
        spec.kind = kind;
        spec.group = group;
        spec.priority = priority;
        const auto added = fixture_.db().insert(spec, noon);
        REQUIRE(added);
        names_[(*added)->task.id] =
            (group.empty() ? "-" : group) + std::to_string(++numbers_[group]);
      }
      return true;
    });
  }

  /// "a1 b1 -1" for what was claimed.
  std::string claim(size_t idle, size_t ahead = 0, const work_filter& filter = {}) {
    std::string text;
    for (const auto& attempt :
         fixture_.claim({workers(idle), ahead, std::make_shared<const work_filter>(filter)})) {
      text += (text.empty() ? "" : " ") + names_.at(attempt.ref.id);
      running_[names_.at(attempt.ref.id)] = attempt.ref;
    }
    return text;
  }

  void succeed(const std::string& name) {
    REQUIRE(fixture_.finish(running_.at(name), attempt_outcome::succeeded));
  }

private:
  store_fixture& fixture_;
  std::map<task_id, std::string> names_;
  std::map<std::string, attempt_ref> running_;
  std::map<std::string, int> numbers_;
};

void configure(store_fixture& fixture, const std::string& queue, const queue_settings& settings) {
  const auto done = fixture.committed([&] {
    return fixture.db().configure_queue({queue, queue_order::what::put, settings}, noon);
  });
  REQUIRE(done);
  REQUIRE(done->ok());
}

queue_settings with_concurrency(int64_t n) {
  queue_settings settings;
  settings.concurrency = n;
  return settings;
}

queue_settings with_group_concurrency(int64_t n) {
  queue_settings settings;
  settings.group_concurrency = n;
  return settings;
}

queue_settings with_rate(int64_t limit, duration per) {
  queue_settings settings;
  settings.rate = rate_limit{limit, per};
  return settings;
}

queue_settings with_weight(double weight) {
  queue_settings settings;
  settings.weight = weight;
  return settings;
}

void insert(store_fixture& fixture, const std::string& queue, int n) {
  fixture.committed([&] {
    for (int i = 0; i < n; ++i) {
      task_spec spec;
      spec.kind = "send";
      spec.queue = queue;
      REQUIRE(fixture.db().insert(spec, noon));
    }
    return true;
  });
}

} // namespace

TEST_CASE("groups take turns, and all tasks without one are one more group", "[store]") {
  FOR_EVERY_STORE(fixture);
  play tasks(fixture);
  tasks.add("a", 4);
  tasks.add("", 3);
  tasks.add("b", 2);
  SECTION("in one claim") {
    CHECK(tasks.claim(4, 9) == "-1 a1 b1 -2 a2 b2 -3 a3 a4");
  }
  SECTION("from one claim to the next") {
    std::string order;
    for (int i = 0; i < 9; ++i)
      order += tasks.claim(1) + " ";
    CHECK(order == "-1 a1 b1 -2 a2 b2 -3 a3 a4 ");
  }
  CHECK(tasks.claim(9).empty());
}

TEST_CASE("groups take turns within a priority, and the higher priority goes first", "[store]") {
  FOR_EVERY_STORE(fixture);
  play tasks(fixture);
  tasks.add("a", 2);
  tasks.add("a", 2, 5);
  tasks.add("b", 1, -5);
  tasks.add("", 1, 5);
  tasks.add("", 1, -5);
  tasks.add("c", 1, 5);
  CHECK(tasks.claim(9) == "-1 a3 c1 a4 a1 a2 -2 b1");
}

TEST_CASE("one task behind a flood of another group starts within one round", "[store]") {
  FOR_EVERY_STORE(fixture);
  play tasks(fixture);
  tasks.add("flood", 5000);
  tasks.add("another", 2000);
  tasks.claim(3, 300);
  tasks.add("single", 1);
  const size_t at_a_time = GENERATE(1, 2, 3, 256);
  std::string round;
  while (round.size() < 30)
    round += tasks.claim(at_a_time) + " ";
  std::string first = round;
  for (int name = 0; name < 3; ++name)
    first = first.substr(first.find(' ') + 1);
  CHECK(round.substr(0, round.size() - first.size()).find("single1") != std::string::npos);
}

TEST_CASE("a group has one turn, however many kinds its tasks are of", "[store]") {
  FOR_EVERY_STORE(fixture);
  play tasks(fixture);
  tasks.add("a", 1, 0, "send");
  tasks.add("a", 1, 0, "bill");
  tasks.add("a", 2, 0, "call");
  tasks.add("a", 1, 0, "send");
  tasks.add("b", 5, 0, "bill");
  SECTION("in one claim") {
    CHECK(tasks.claim(9) == "a1 b1 a2 b2 a3 b3 a4 b4 a5");
  }
  SECTION("from one claim to the next") {
    std::string order;
    for (int i = 0; i < 9; ++i)
      order += tasks.claim(1) + " ";
    // Its lines stand at different places at first, and together from its first turn on.
    CHECK(order == "a1 b1 a2 b2 a3 b3 a4 b4 a5 ");
  }
}

TEST_CASE("a claim gets only the kinds that it takes, by age across them", "[store]") {
  FOR_EVERY_STORE(fixture);
  play tasks(fixture);
  tasks.add("", 1, 0, "send");
  tasks.add("", 1, 0, "bill");
  tasks.add("", 1, 0, "call");
  tasks.add("", 1, 0, "send");
  tasks.add("", 1, 0, "bill");
  const work_filter bills_and_calls{{{}, {"bill", "call"}}, {}};
  const work_filter no_calls{{}, {{{"default"}, {"call"}}}};
  CHECK(tasks.claim(2, 0, bills_and_calls) == "-2 -3");
  CHECK(tasks.claim(9, 0, {{{"other"}, {"bill"}}, {}}).empty());
  tasks.add("", 1, 0, "call");
  CHECK(tasks.claim(9, 0, no_calls) == "-1 -4 -5");
  CHECK(tasks.claim(9, 0, {{}, {{{"other"}, {}}}}) == "-6");
}

TEST_CASE("no more than `concurrency` attempts of a queue run at a time", "[store]") {
  FOR_EVERY_STORE(fixture);
  play tasks(fixture);
  tasks.add("", 5);
  tasks.add("a", 3);
  configure(fixture, "default", with_concurrency(3));
  CHECK(tasks.claim(2, 9) == "-1 a1 -2");
  CHECK(tasks.claim(9).empty());
  tasks.succeed("a1");
  CHECK(tasks.claim(9) == "a2");
  configure(fixture, "default", with_concurrency(5));
  CHECK(tasks.claim(9) == "-3 a3");
  configure(fixture, "default", with_concurrency(1));
  CHECK(tasks.claim(9).empty());
  configure(fixture, "default", {});
  CHECK(tasks.claim(9) == "-4 -5");
}

TEST_CASE("no more than `group_concurrency` attempts of a group run at a time, and others go on",
          "[store]") {
  FOR_EVERY_STORE(fixture);
  play tasks(fixture);
  tasks.add("a", 4);
  tasks.add("", 3);
  tasks.add("b", 2);
  configure(fixture, "default", with_group_concurrency(1));
  CHECK(tasks.claim(9) == "-1 a1 b1 -2 -3");
  CHECK(tasks.claim(9).empty());
  tasks.succeed("a1");
  CHECK(tasks.claim(9) == "a2");
  SECTION("also after its limit was raised") {
    configure(fixture, "default", with_group_concurrency(2));
    CHECK(tasks.claim(9) == "a3 b2");
    configure(fixture, "default", {});
    CHECK(tasks.claim(9) == "a4");
  }
  SECTION("also once the store is opened again") {
    if (!fixture.place().is_durable())
      return;
    fixture.reopen();
    fixture.recover();
    CHECK(tasks.claim(9) == "-1 a2 b1 -2 -3"); // those were lost
    tasks.succeed("b1");
    CHECK(tasks.claim(9) == "b2");
  }
}

TEST_CASE("a group at its limit that has lost its ready tasks begins anew", "[store]") {
  FOR_EVERY_STORE(fixture);
  play tasks(fixture);
  tasks.add("a", 1);
  configure(fixture, "default", with_group_concurrency(1));
  CHECK(tasks.claim(9) == "a1");
  task_spec spec;
  spec.kind = "send";
  spec.group = "a";
  const auto second = fixture.insert(spec);
  CHECK(tasks.claim(9).empty());
  REQUIRE(fixture.order(second.id, task_order::remove));
  tasks.succeed("a1");
  CHECK(tasks.claim(9).empty());
  tasks.add("a", 2);
  CHECK(tasks.claim(9) == "a2");
}

TEST_CASE("no more attempts of a queue start than its rate allows, and when more may is told",
          "[store]") {
  FOR_EVERY_STORE(fixture);
  insert(fixture, "default", 30);
  configure(fixture, "default", with_rate(10, 1s));
  const auto claim = [&](timestamp now) {
    return fixture.committed([&] { return fixture.db().claim({workers(20), 0, {}}, now); });
  };
  CHECK(claim(noon).attempts.size() == 10);
  auto nothing = claim(noon + 20ms);
  CHECK(nothing.attempts.empty());
  CHECK(nothing.more_at == noon + 100ms);
  const auto one = claim(noon + 100ms);
  REQUIRE(one.attempts.size() == 1);

  SECTION("an attempt that did not begin leaves its turn to another") {
    REQUIRE(fixture.release(one.attempts[0].ref, noon + 110ms));
    CHECK(claim(noon + 110ms).attempts.size() == 1);
    CHECK(claim(noon + 110ms).attempts.empty());
  }
  SECTION("a restart fills nothing") {
    if (!fixture.place().is_durable())
      return;
    fixture.reopen_after_crash();
    fixture.recover(noon + 150ms);
    CHECK(claim(noon + 199ms).attempts.empty());
    CHECK(claim(noon + 200ms).attempts.size() == 1);
  }
  SECTION("another rate begins anew") {
    configure(fixture, "default", with_rate(3, 1h));
    CHECK(claim(noon + 110ms).attempts.size() == 3);
    const auto more_at = claim(noon + 110ms).more_at;
    REQUIRE(more_at);
    CHECK(abs(*more_at - (noon + 110ms + 20min)) < 5ms);
  }
  SECTION("without one there is nothing to wait for") {
    configure(fixture, "default", {});
    CHECK(claim(noon + 110ms).attempts.size() == 19);
    CHECK(claim(noon + 110ms).more_at == std::nullopt);
  }
}

TEST_CASE("nothing starts in a paused queue, and the others have its share", "[store]") {
  FOR_EVERY_STORE(fixture);
  insert(fixture, "a", 3);
  insert(fixture, "b", 3);
  queue_settings paused;
  paused.paused = true;
  paused.paused_until = noon + 1h;
  configure(fixture, "a", paused);
  CHECK(fixture.claim({workers(9), 9, {}}).size() == 3);
  CHECK(fixture.claim({workers(9), 9, {}}, noon + 59min).empty());
  CHECK(fixture.claim({workers(9), 9, {}}, noon + 1h).size() == 3);
}

TEST_CASE("queues share the turns by their weights to within 5 %, and an idle queue's share goes to"
          " the others",
          "[store]") {
  FOR_EVERY_STORE(fixture);
  const size_t at_a_time = GENERATE(1, 5, 256);
  const std::map<std::string, double> weights{{"a", 1}, {"b", 3}, {"c", 0.5}};
  for (const auto& [queue, weight] : weights)
    configure(fixture, queue, with_weight(weight));
  insert(fixture, "a", 1500);
  insert(fixture, "b", 600);
  insert(fixture, "c", 1500);
  const auto serve = [&](double n) {
    std::map<std::string, double> served;
    for (double total = 0; total < n;)
      for (const auto& attempt : fixture.claim({workers(at_a_time), 0, {}})) {
        served[attempt.queue] += 1;
        ++total;
      }
    return served;
  };
  auto served = serve(600);
  const auto total = served["a"] + served["b"] + served["c"];
  for (const auto& [queue, weight] : weights)
    CHECK(std::abs(served[queue] / total / (weight / 4.5) - 1) < 0.05);

  // Until b is through.
  serve(static_cast<double>(fixture.counts()["b"][task_state::queued]) * 1.5
        + 2 * static_cast<double>(at_a_time));
  served = serve(120);
  CHECK(served["b"] <= static_cast<double>(at_a_time));
  CHECK(served["a"] > 1.5 * served["c"]);
}

TEST_CASE("queues share the workers' time by their weights to within 5 %", "[store]") {
  FOR_EVERY_STORE(fixture);
  const std::map<std::string, duration> takes{{"slow", 500ms}, {"fast", 20ms}};
  configure(fixture, "slow", with_weight(1));
  configure(fixture, "fast", with_weight(3));
  insert(fixture, "slow", 200);
  insert(fixture, "fast", 6000);
  struct job {
    timestamp ends;
    attempt_spec attempt;
  };
  std::vector<job> running;
  std::map<std::string, double> had;
  auto now = noon;
  const size_t all_workers = 4;
  while (now < noon + 30s) {
    for (auto& attempt : fixture.claim({workers(all_workers - running.size()), 0, {}}, now))
      running.push_back({now + takes.at(attempt.queue), std::move(attempt)});
    const auto next = std::min_element(running.begin(), running.end(),
                                       [](auto& a, auto& b) { return a.ends < b.ends; });
    now = next->ends;
    attempt_report report;
    report.ref = next->attempt.ref;
    report.outcome = attempt_outcome::succeeded;
    report.started_at = now - takes.at(next->attempt.queue);
    report.finished_at = now;
    REQUIRE(fixture.committed([&] { return fixture.db().finish(report); }));
    had[next->attempt.queue] +=
        std::chrono::duration<double>(takes.at(next->attempt.queue)).count();
    running.erase(next);
  }
  CHECK(std::abs(had["slow"] / (had["slow"] + had["fast"]) / 0.25 - 1) < 0.05);
}

TEST_CASE("a clock that is set while an attempt runs takes nothing from its queue's share",
          "[store]") {
  FOR_EVERY_STORE(fixture);
  insert(fixture, "a", 40);
  insert(fixture, "b", 40);
  const auto first = fixture.claim({workers(1), 0, {}}).at(0);
  const auto later = noon + 2h;
  const bool has_ended = GENERATE(false, true);
  fixture.db().clock_was_set(2h);
  if (has_ended) {
    auto report = report_of(first.ref, attempt_outcome::succeeded, later);
    report.started_at = noon;
    report.ran = 1ms;
    const auto fact = fixture.committed([&] { return fixture.db().finish(report); });
    REQUIRE(fact);
    CHECK(fact->ran == 1ms);
  }
  int64_t served = 0;
  for (int i = 0; i < 20; ++i)
    served += fixture.claim({workers(1), 0, {}}, later).at(0).queue == first.queue;
  CHECK(std::abs(served - 10) <= 2);
}

TEST_CASE("whatever happens, a claim that gets less than it asks for leaves only what a limit"
          " forbids, and no limit is exceeded",
          "[store]") {
  FOR_EVERY_STORE(fixture);
  const auto seed = random_seed();
  INFO("ERRAND_TEST_SEED=" << seed);
  std::mt19937_64 random(seed);
  const auto below = [&](size_t n) { return static_cast<size_t>(random() % n); };

  struct entry {
    task_spec spec;
    std::optional<attempt_ref> running;
  };
  std::map<task_id, entry> tasks; // those that are queued or running
  std::map<std::string, queue_settings> settings;
  const std::vector<std::string> queues{"q1", "q2"}, kinds{"x", "y", "z"},
      groups{"", "a", "b", "c", "d"};
  auto now = noon;

  const auto running_of = [&](const std::string& queue, const std::string& group = {}) {
    return std::count_if(tasks.begin(), tasks.end(), [&](const auto& each) {
      const auto& [spec, running] = each.second;
      return running && spec.queue == queue && (group.empty() || spec.group == group);
    });
  };
  const auto is_forbidden = [&](const task_spec& spec) {
    const auto& rules = settings[spec.queue];
    return rules.paused || (rules.concurrency && running_of(spec.queue) >= *rules.concurrency)
           || (rules.group_concurrency && !spec.group.empty()
               && running_of(spec.queue, spec.group) >= *rules.group_concurrency);
  };

  for (int step = 0; step < 1500; ++step) {
    now += 1ms;
    const auto what = below(20);
    if (what < 6) {
      fixture.committed([&] {
        for (auto n = 1 + below(4); n > 0; --n) {
          task_spec spec;
          spec.kind = kinds[below(kinds.size())];
          spec.queue = queues[below(queues.size())];
          spec.group = groups[below(groups.size())];
          spec.priority = static_cast<int>(below(3));
          spec.max_crashes = 100;
          if (below(8) == 0)
            spec.expires_at = now + std::chrono::milliseconds(below(30) + 1);
          const auto added = fixture.db().insert(spec, now);
          REQUIRE(added);
          tasks[(*added)->task.id].spec = (*added)->task.spec;
        }
        return true;
      });
    } else if (what < 11) {
      const auto idle = below(6);
      const auto ahead = below(3) == 0 ? below(30) : 0;
      work_filter filter;
      if (below(3) == 0)
        filter.wanted.kinds = {kinds[below(kinds.size())], "x"};
      const auto claimed =
          fixture.claim({workers(idle), ahead, std::make_shared<const work_filter>(filter)}, now);
      for (const auto& gone : fixture.consequences()) {
        CHECK(gone.state == task_state::cancelled);
        CHECK(tasks.at(gone.id).spec.expires_at <= now);
        tasks.erase(gone.id);
      }
      for (const auto& attempt : claimed) {
        auto& [spec, running] = tasks.at(attempt.ref.id);
        CHECK(filter.takes(attempt.queue, attempt.kind));
        CHECK(!is_forbidden(spec));
        CHECK((!spec.expires_at || *spec.expires_at > now));
        running = attempt.ref;
      }
      if (claimed.size() < idle)
        for (const auto& [id, each] : tasks)
          if (!each.running && filter.takes(each.spec.queue, each.spec.kind))
            CHECK(is_forbidden(each.spec));
    } else if (what < 18 && !tasks.empty()) {
      auto chosen = std::next(tasks.begin(), static_cast<ptrdiff_t>(below(tasks.size())));
      auto& [spec, running] = chosen->second;
      if (!running) {
        fixture.order(chosen->first, below(2) == 0 ? task_order::cancel : task_order::remove, now);
        tasks.erase(chosen);
      } else if (const auto how = below(4); how == 0) {
        REQUIRE(fixture.lose(*running, now));
        running.reset();
      } else if (how == 1) {
        REQUIRE(fixture.release(*running, now));
        running.reset();
      } else {
        REQUIRE(fixture.finish(*running, attempt_outcome::succeeded, now));
        tasks.erase(chosen);
      }
    } else if (what == 18) {
      const auto queue = queues[below(queues.size())];
      queue_settings rules;
      if (below(2) == 0)
        rules.concurrency = static_cast<int64_t>(1 + below(6));
      if (below(2) == 0)
        rules.group_concurrency = static_cast<int64_t>(1 + below(3));
      rules.paused = below(6) == 0;
      configure(fixture, queue, rules);
      settings[queue] = rules;
    } else if (fixture.place().is_durable() && below(10) == 0) {
      fixture.reopen();
      fixture.recover(now);
      for (auto& [id, each] : tasks)
        each.running.reset();
    }
    if (step % 100 == 0)
      fixture.check_counters();
  }
}

} // namespace errand::test
