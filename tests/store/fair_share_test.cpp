#include "store/fair_share.hpp"

#include "tests/support/catch.hpp"

#include <cmath>
#include <map>
#include <queue>
#include <set>

namespace errand::test {

namespace {

struct contestant {
  std::string queue;
  double weight = 1;
  size_t most = 9999;
  double takes = 0; ///< Seconds, each attempt.
};

/// Workers that run what it is the turn of, on a clock of their own.
class workers {
public:
  explicit workers(size_t n) : idle_(n) {}

  /// Whose turns it is, if `n` workers ask at once: "abca" for the queues a, b, c, a.
  std::string turns(size_t n, const std::vector<contestant>& among) {
    std::vector<fair_share::candidate> candidates;
    for (const auto& each : among) {
      double seconds = 0;
      for (const auto began : running_[each.queue])
        seconds += now_ - began;
      candidates.push_back(
          {each.queue, each.weight, each.most, running_[each.queue].size(), seconds});
    }
    std::string text;
    for (const auto i : share_.next(n, candidates)) {
      const auto& [queue, weight, most, takes] = among[i];
      text += queue;
      running_[queue].insert(now_);
      ends_.push({now_ + takes, now_, queue, weight});
    }
    return text;
  }

  /// Lets them run what there is without end, until then. Seconds of workers that each queue had.
  std::map<std::string, double> run(double until, const std::vector<contestant>& among) {
    std::map<std::string, double> had;
    idle_ -= turns(idle_, among).size();
    while (!ends_.empty() && ends_.top().at <= until) {
      const auto end = ends_.top();
      ends_.pop();
      now_ = end.at;
      had[end.queue] += now_ - end.began;
      auto& running = running_[end.queue];
      running.erase(running.find(end.began));
      share_.spent(end.queue, end.weight, now_ - end.began, !running.empty());
      ++idle_;
      idle_ -= turns(idle_, among).size();
    }
    return had;
  }

private:
  struct ending {
    double at, began;
    std::string queue;
    double weight;
    friend bool operator<(const ending& a, const ending& b) { return a.at > b.at; }
  };

  fair_share share_;
  double now_ = 0;
  size_t idle_;
  std::map<std::string, std::multiset<double>> running_;
  std::priority_queue<ending> ends_;
};

double part_of(const std::map<std::string, double>& had, const std::string& queue) {
  double all = 0;
  for (const auto& each : had)
    all += each.second;
  return had.contains(queue) ? had.at(queue) / all : 0;
}

} // namespace

TEST_CASE("equal queues take turns, also from one call to the next", "[store]") {
  workers some(99);
  const std::vector<contestant> all{{"a"}, {"b"}, {"c"}};
  CHECK(some.turns(7, all) == "abcabca");
  CHECK(some.turns(1, all) == "b");
  CHECK(some.turns(1, all) == "c");
  CHECK(some.turns(2, all) == "ab");
}

TEST_CASE("a queue takes no more than it can, and leaves the rest to others", "[store]") {
  workers some(99);
  CHECK(some.turns(9, {{"a", 1, 1}, {"b", 1, 3}, {"c", 1, 0}}) == "abbb");
  CHECK(some.turns(9, {}).empty());
  CHECK(some.turns(0, {{"a", 1, 1}}).empty());
}

TEST_CASE("queues of attempts that take no time share the turns by their weights", "[store]") {
  const size_t size = GENERATE(1, 2, 7, 256);
  fair_share share;
  const std::vector<fair_share::candidate> all{
      {"a", 1, 9999}, {"b", 3, 9999}, {"c", 0.5, 9999}, {"d", 7.5, 9999}};
  std::map<std::string_view, double> served;
  double total = 0;
  while (total < 12'000)
    for (const auto i : share.next(size, all)) {
      share.spent(all[i].queue, all[i].weight, 0, false);
      served[all[i].queue] += 1;
      total += 1;
    }
  for (const auto& each : all)
    CHECK(std::abs(served[each.queue] / total - each.weight / 12) < 0.001);
}

TEST_CASE("queues share the workers' time by their weights, however long their attempts take",
          "[store]") {
  struct row {
    size_t workers;
    double weight, takes;
    double other_weight, other_takes;
  };
  const auto r = GENERATE(values<row>({
      {4, 1, 1, 9, 0.01}, // many short ones beside long ones
      {4, 1, 1, 1, 0.01},
      {1, 1, 2, 1, 0.1}, // one worker
      {2, 3, 1, 1, 1},   // fewer workers than the weights would want
      {8, 3, 5, 2, 0.5},
      {4, 0.5, 0.02, 7, 3},
  }));
  INFO(r.workers << ' ' << r.weight << ' ' << r.takes << ' ' << r.other_weight << ' '
                 << r.other_takes);
  workers some(r.workers);
  const auto had =
      some.run(2000, {{"a", r.weight, 9999, r.takes}, {"b", r.other_weight, 9999, r.other_takes}});
  const auto fair = r.weight / (r.weight + r.other_weight);
  CHECK(std::abs(part_of(had, "a") / fair - 1) < 0.05);
}

TEST_CASE("attempts that have not ended yet count already", "[store]") {
  // Those of a take for ever, so that nobody learns how long: b keeps a worker all the same.
  workers some(4);
  const auto had = some.run(100, {{"a", 1, 9999, 1e9}, {"b", 3, 9999, 0.01}});
  CHECK(had.at("b") > 99);
}

TEST_CASE("who was away has saved nothing up", "[store]") {
  workers some(4);
  const contestant a{"a", 1, 9999, 0.1}, b{"b", 1, 9999, 0.1};
  some.run(1000, {a});
  const auto had = some.run(1010, {a, b});
  CHECK(std::abs(part_of(had, "b") - 0.5) < 0.05);
}

TEST_CASE("who is served a lot while others are away is not made to pay for it", "[store]") {
  workers some(4);
  const contestant light{"a", 0.01, 9999, 0.1}, both{"b", 0.01, 9999, 0.1};
  some.run(1000, {light});
  const auto had = some.run(1010, {light, both});
  CHECK(std::abs(part_of(had, "a") - 0.5) < 0.05);
}

TEST_CASE("an attempt that seems to have taken a year shuts its queue out for an hour at most",
          "[store]") {
  fair_share share;
  const std::vector<fair_share::candidate> both{{"a", 1, 9999}, {"b", 1, 9999}};
  share.next(1, both);
  share.spent("a", 1, 365.0 * 24 * 3600, false);
  double others = 0;
  while (share.next(1, both).front() == 1) {
    share.spent("b", 1, 10, false);
    others += 10;
    REQUIRE(others < 4000);
  }
  CHECK(others > 3000);
}

} // namespace errand::test
