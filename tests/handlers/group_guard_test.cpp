// The guard of process groups: whom it kills and when, and that nothing of it is in anybody's way.
#include "handlers/group_guard.hpp"

#include "handlers/child_process.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/eventually.hpp"
#include "tests/support/temp_folder.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <memory>
#include <poll.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

using namespace errand;
using namespace errand::test;

namespace {

/// A process that leads a group of its own, and ignores SIGTERM.
class group {
public:
  pid_t leader() {
    CHECK(eventually([this] {
      char piece[32];
      for (ssize_t got = 0; (got = read(process_.output(), piece, sizeof piece)) > 0;)
        told_.append(piece, static_cast<size_t>(got));
      return told_.ends_with('\n');
    }));
    return static_cast<pid_t>(std::stol(told_));
  }

  bool has_ended() const {
    pollfd end{process_.ended(), POLLIN, 0};
    return poll(&end, 1, 0) == 1;
  }

  bool ends() const {
    return eventually([this] { return has_ended(); });
  }

private:
  static process_plan plan() {
    process_plan made;
    made.program = "/bin/sh";
    made.argv = {"sh", "-c", "trap '' TERM; echo $$; exec sleep 1000"};
    made.environment = {"PATH=/usr/bin:/bin"};
    made.directory = "/";
    return made;
  }

  child_process process_{plan()};
  std::string told_;
};

/// A process that runs `act` and stays until it is killed. What `act` owns is not destroyed.
template <class Act>
pid_t fork_and(Act act) {
  const pid_t pid = fork();
  if (pid == 0) {
    try {
      act();
    } catch (...) {
      _exit(1); // not into the rest of the tests
    }
    for (;;)
      pause();
  }
  return pid;
}

void kill_and_reap(pid_t pid) {
  REQUIRE(kill(pid, SIGKILL) == 0);
  REQUIRE(waitpid(pid, nullptr, 0) == pid);
}

/// Whose number stands in that file, once it does.
pid_t pid_in(const std::string& file) {
  pid_t pid = 0;
  CHECK(eventually([&] { return std::ifstream{file} >> pid && pid > 0; }));
  return pid;
}

/// Not even as a zombie, which an orphan stays where nobody reaps it.
bool runs(pid_t pid) {
  std::ifstream in{"/proc/" + std::to_string(pid) + "/stat"};
  std::string text;
  std::getline(in, text);
  const auto name_end = text.rfind(')');
  return name_end != text.npos && text[name_end + 2] != 'Z';
}

/// Of the guards that this process has, zombies and all.
std::vector<pid_t> guards() {
  std::vector<pid_t> found;
  for (const auto& entry : std::filesystem::directory_iterator{"/proc"}) {
    std::ifstream in{entry.path() / "stat"};
    std::string text;
    std::getline(in, text);
    const auto name_end = text.rfind(')');
    // "12 (errand-guard) S 11 …": the last is its parent.
    if (name_end != text.npos && text.find("(errand-guard)") != text.npos
        && std::atoi(text.c_str() + name_end + 3) == getpid())
      found.push_back(std::atoi(text.c_str()));
  }
  return found;
}

/// The one that there is, once it has got its name.
pid_t only_guard() {
  CHECK(eventually([] { return guards().size() == 1; }));
  return guards().at(0);
}

/// Takes them all, and lets them go.
size_t free_places(group_guard& guard) {
  std::vector<group_guard::place> all;
  do
    all.push_back(guard.take_place());
  while (all.back().error() == 0);
  CHECK(all.back().error() == ENOSPC);
  return all.size() - 1;
}

} // namespace

TEST_CASE("a listed group is killed with the process that listed it, and one that was let go is"
          " not") {
  group listed, let_go;
  const auto listed_leader = listed.leader(), let_go_leader = let_go.leader();
  const auto server = fork_and([&] {
    auto* guard = new group_guard;
    auto* first = new group_guard::place(guard->take_place());
    auto* second = new group_guard::place(guard->take_place());
    first->enter(let_go_leader);
    second->enter(listed_leader);
    first->clear();
    kill(getpid(), SIGSTOP);
  });
  REQUIRE(waitpid(server, nullptr, WUNTRACED) == server);
  CHECK(!listed.has_ended());
  kill_and_reap(server);
  CHECK(listed.ends());
  // It had the first place: whoever kills the second was there before.
  CHECK(!let_go.has_ended());
}

TEST_CASE("a program stands in the list before it runs, with all that it starts in its group") {
  temp_folder folder;
  const auto child_file = folder.file("child"), grandchild_file = folder.file("grandchild");
  process_plan family;
  family.program = "/bin/sh";
  family.argv = {"sh", "-c",
                 "trap '' TERM; sleep 1000 & echo $! > " + child_file
                     + "; sh -c 'sleep 1000 & echo $! > " + grandchild_file + "; wait' & wait"};
  family.environment = {"PATH=/usr/bin:/bin"};
  family.directory = "/";
  const auto server = fork_and([&] {
    auto* guard = new group_guard;
    new child_process(family, guard->take_place());
  });
  const auto child = pid_in(child_file), grandchild = pid_in(grandchild_file);
  REQUIRE(runs(child));
  kill_and_reap(server);
  CHECK(eventually([&] { return !runs(child); }));
  CHECK(eventually([&] { return !runs(grandchild); }));
}

TEST_CASE("a program that has ended, or did not start, is in nobody's list") {
  group_guard guard;
  process_plan plan;
  plan.program = "/no/such/program";
  plan.argv = {plan.program};
  plan.directory = "/";
  CHECK_THROWS_AS(child_process(plan, guard.take_place()), start_failure);
  plan.program = "/bin/true";
  for (int i = 0; i < 3; ++i)
    CHECK(child_process(plan, guard.take_place()).end());
  CHECK(free_places(guard) == free_places(*std::make_unique<group_guard>()));
}

TEST_CASE("a guard that was killed is followed by one that knows the groups of the first") {
  group listed;
  const auto leader = listed.leader();
  const auto server = fork_and([&] {
    auto* guard = new group_guard;
    (new group_guard::place(guard->take_place()))->enter(leader);
    const auto killed = only_guard();
    kill(killed, SIGKILL);
    // What is checked here is lost: it shows in how this process ends.
    if (!eventually([&] {
          const auto again = guard->take_place();
          return again.error() == 0 && only_guard() != killed;
        }))
      _exit(1);
    kill(getpid(), SIGSTOP);
  });
  int how = 0;
  REQUIRE(waitpid(server, &how, WUNTRACED) == server);
  REQUIRE(WIFSTOPPED(how));
  CHECK(!listed.has_ended());
  kill_and_reap(server);
  CHECK(listed.ends());
}

TEST_CASE("a guard has a session of its own and no file but its two, and heeds no signal to end") {
  group_guard guard;
  REQUIRE(guard.take_place().error() == 0);
  const auto pid = only_guard();
  CHECK(getsid(pid) == pid);
  const auto files = std::filesystem::path{"/proc"} / std::to_string(pid) / "fd";
  CHECK(eventually(
      [&] { return std::distance(std::filesystem::directory_iterator{files}, {}) == 2; }));
  for (const int each : {SIGTERM, SIGINT, SIGHUP})
    REQUIRE(kill(pid, each) == 0);
  REQUIRE(guard.take_place().error() == 0);
  CHECK(guards() == std::vector{pid});
}

TEST_CASE("a guard is none of the children that others wait for, and ends with its owner") {
  {
    group_guard one, other;
    REQUIRE(one.take_place().error() == 0);
    REQUIRE(other.take_place().error() == 0);
    CHECK(eventually([] { return guards().size() == 2; }));
    CHECK(waitpid(-1, nullptr, WNOHANG) == -1);
    CHECK(errno == ECHILD);
  }
  CHECK(guards().empty());
}

TEST_CASE("a list that is full has no place, and says so, until one is let go") {
  group_guard guard;
  const auto free = free_places(guard);
  CHECK(free > 1024);
  CHECK(free_places(guard) == free);
}
