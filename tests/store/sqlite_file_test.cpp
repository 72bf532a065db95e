// What is particular to SQLite files: who may open which, damage, the log's size, and readers
// beside a busy writer.
#include "tests/store/sqlite_places.hpp"

#include <sqlite3.h>

#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <thread>

#include <sys/wait.h>
#include <unistd.h>

namespace errand::test {

namespace {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

/// Another program that uses SQLite.
class other_program {
public:
  explicit other_program(const std::string& file) {
    REQUIRE(sqlite3_open(file.c_str(), &db_) == SQLITE_OK);
  }
  ~other_program() { sqlite3_close(db_); }
  other_program(const other_program&) = delete;
  other_program& operator=(const other_program&) = delete;

  void execute(const char* sql) {
    INFO(sql);
    REQUIRE(sqlite3_exec(db_, sql, nullptr, nullptr, nullptr) == SQLITE_OK);
  }

private:
  sqlite3* db_ = nullptr;
};

std::string bytes_of(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

status why_not(file_place& place) {
  auto opened = place.open();
  if (opened.ok())
    return {};
  return opened.why();
}

void insert_some(store& db, int n, const std::string& args = "{}") {
  task_spec spec;
  spec.kind = "noop";
  spec.args_json = args;
  store_fixture::require_ok(db.begin());
  for (int i = 0; i < n; ++i)
    REQUIRE(db.insert(spec, noon));
  store_fixture::require_ok(db.commit());
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("a store of the first version keeps its tasks, which get the defaults of this one",
          "[store]") {
  file_place place;
  {
    other_program first_version(place.file());
    const auto schema = bytes_of(ERRAND_SOURCE_DIR "/store/migrations/0001_tasks.sql");
    first_version.execute(schema.c_str());
    first_version.execute("PRAGMA application_id = 0x45727264; PRAGMA user_version = 1;");
    for (const auto* columns :
         {"1000, 1, 3, NULL", "1001, 2, 7, 'exception'", "1002, 3, 7, 'worker_lost'"})
      first_version.execute(
          ("INSERT INTO tasks(queue, priority, kind, args, timeout_us, delay_us, created_at_us,"
           " run_at_us, attempt, crashes, seq, tail, state, error_type)"
           " VALUES ('q', 0, 'noop', '{}', 1000000, 0, 0, 0, 0, 0, "
           + std::string(columns) + ")")
              .c_str());
    first_version.execute("INSERT INTO counters VALUES ('q', 3, 1), ('q', 7, 2)");
  }
  const auto db = place.open();
  REQUIRE(db.ok());
  const auto reader = (*db)->open_reader();
  REQUIRE(reader.ok());
  list_request oldest_first;
  oldest_first.ascending = true;
  const auto page = (*reader)->list(oldest_first);
  REQUIRE(page.ok());
  REQUIRE(page->tasks.size() == 3);
  CHECK(page->tasks[0].failures == 0);
  CHECK(page->tasks[1].failures == 1);
  CHECK(page->tasks[2].failures == 0);
  CHECK(page->tasks[0].spec.max_attempts == 5);
  CHECK(page->tasks[0].spec.max_crashes == 3);
  CHECK(page->tasks[0].spec.retry == retry_policy{});
  const auto queue = (*reader)->queue("q");
  REQUIRE(queue.ok());
  CHECK(queue->counts
        == std::map<task_state, int64_t>{{task_state::queued, 1}, {task_state::failed, 2}});
  CHECK(queue->oldest_queued == page->tasks[0].run_at);
}

TEST_CASE("a second server on the same file is told who has it", "[store]") {
  file_place place;
  {
    const auto first = place.open();
    REQUIRE(first.ok());
    auto why = why_not(place);
    CHECK(why.code() == ec::store_locked);
    CHECK(contains(why.message(), "process " + std::to_string(::getpid())));
    CHECK(contains(why.message(), place.file()));

    const auto link = fs::path(place.file()).parent_path() / "link.db";
    fs::create_symlink(place.file(), link);
    CHECK(open_store({"sqlite:" + link.string(), durability::commit}).why().code()
          == ec::store_locked);

    const auto other_name = fs::path(place.file()).parent_path() / "other.db";
    fs::create_hard_link(place.file(), other_name);
    CHECK(open_store({"sqlite:" + other_name.string(), durability::commit}).why().code()
          == ec::store_locked);
    fs::remove(place.file() + ".lock");
    CHECK(why_not(place).code() == ec::store_locked);
  }
  CHECK(place.open().ok());
}

TEST_CASE("a server that was killed does not keep the file locked", "[store]") {
  file_place place;
  const auto child = ::fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    auto db = place.open();
    ::kill(::getpid(), db.ok() ? SIGKILL : SIGTERM);
    ::_exit(1);
  }
  int result = 0;
  REQUIRE(::waitpid(child, &result, 0) == child);
  REQUIRE(WIFSIGNALED(result));
  REQUIRE(WTERMSIG(result) == SIGKILL);
  CHECK(fs::exists(place.file() + ".lock"));
  CHECK(place.open().ok());
}

TEST_CASE("a store of a newer version is refused and left as it is", "[store]") {
  file_place place;
  REQUIRE(place.open().ok());
  other_program(place.file()).execute("PRAGMA user_version = 99");
  const auto before = bytes_of(place.file());
  const auto why = why_not(place);
  CHECK(why.code() == ec::store_newer);
  CHECK(contains(why.message(), place.file()));
  CHECK(contains(why.message(), "99"));
  CHECK(bytes_of(place.file()) == before);
}

TEST_CASE("another program's database is refused and left as it is", "[store]") {
  file_place place;
  const auto* sql =
      GENERATE("CREATE TABLE tasks(seq INTEGER PRIMARY KEY)", "PRAGMA application_id = 77",
               "PRAGMA journal_mode = WAL; CREATE TABLE notes(text TEXT)");
  other_program(place.file()).execute(sql);
  const auto before = bytes_of(place.file());
  const auto why = why_not(place);
  CHECK(why.code() == ec::store_failed);
  CHECK(contains(why.message(), "another program"));
  CHECK(bytes_of(place.file()) == before);
  CHECK(!fs::exists(place.file() + "-wal"));
}

TEST_CASE("another program's log is not moved into its database", "[store]") {
  file_place place;
  const auto copy = place.file() + ".copy";
  {
    other_program notes(place.file());
    notes.execute("PRAGMA journal_mode = WAL; CREATE TABLE notes(text TEXT)");
    // What is left behind if it is killed now.
    fs::copy_file(place.file(), copy);
    fs::copy_file(place.file() + "-wal", copy + "-wal");
  }
  const auto before = bytes_of(copy);
  const auto log = bytes_of(copy + "-wal");
  REQUIRE(!log.empty());
  const auto opened = open_store({"sqlite:" + copy, durability::commit});
  REQUIRE(!opened.ok());
  CHECK(contains(opened.why().message(), "another program"));
  CHECK(bytes_of(copy) == before);
  CHECK(bytes_of(copy + "-wal") == log);
}

TEST_CASE("an empty file becomes a store", "[store]") {
  file_place place;
  std::ofstream(place.file()).close();
  CHECK(place.open().ok());
}

TEST_CASE("a file that is no database is refused and left as it is", "[store]") {
  file_place place;
  std::ofstream(place.file()) << std::string(10'000, 'x');
  const auto before = bytes_of(place.file());
  const auto why = why_not(place);
  CHECK(why.code() == ec::store_failed);
  CHECK(contains(why.message(), place.file()));
  CHECK(contains(why.message(), "choose another path, or restore a backup"));
  CHECK(bytes_of(place.file()) == before);
}

TEST_CASE("damage is told as damage, with what to do", "[store]") {
  file_place place;
  {
    auto db = place.open();
    REQUIRE(db.ok());
    for (int i = 0; i < 20; ++i)
      insert_some(**db, 100);
  }
  {
    // All pages but the first, which holds the schema.
    std::fstream file(place.file(), std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(4096);
    const auto rest = fs::file_size(place.file()) - 4096;
    file << std::string(rest, '\xee');
  }
  const auto opened = place.open();
  status why = opened.ok() ? status() : opened.why();
  if (opened.ok()) {
    auto reader = (*opened)->open_reader();
    REQUIRE(reader.ok());
    const auto page = (*reader)->list({});
    REQUIRE(!page.ok());
    why = page.why();
  }
  CHECK(why.code() == ec::store_failed);
  INFO(why.message());
  CHECK(contains(why.message(), "damaged"));
  CHECK(contains(why.message(), ".recover"));
}

TEST_CASE("the log does not grow with what is written", "[store]") {
  file_place place;
  auto db = place.open();
  REQUIRE(db.ok());
  const auto log = place.file() + "-wal";
  const auto write_megabytes = [&](int n) {
    for (int i = 0; i < n; ++i)
      insert_some(**db, 10, std::string(100'000, 'x'));
  };
  constexpr uintmax_t step = 4'200'000;  // 1000 pages and their headers
  constexpr uintmax_t batch = 1'200'000; // and what came in with the last commit

  write_megabytes(20);
  CHECK(fs::file_size(log) < step + batch);

  SECTION("nor while a long read holds on to the past, once that is over") {
    {
      other_program backup(place.file());
      backup.execute("BEGIN; SELECT count(*) FROM tasks");
      write_megabytes(20);
      CHECK(fs::file_size(log) > 20'000'000);
    }
    write_megabytes(20);
    CHECK(fs::file_size(log) < 40'000'000);
  }
}

TEST_CASE("readers and a busy writer do not fail each other", "[store]") {
  FOR_EVERY_STORE(fixture);
  std::atomic<bool> stop = false;
  std::atomic<int> reads = 0;
  std::string trouble;
  std::thread reading([&] {
    while (!stop && trouble.empty()) {
      const auto page = fixture.reader().list({});
      if (!page.ok())
        trouble = page.why().message();
      else if (!page->tasks.empty() && !fixture.reader().get(page->tasks[0].id).ok())
        trouble = "a listed task is not found";
      ++reads;
    }
  });
  // Until the reader had its turns too, within bounds.
  int transactions = 0;
  for (; transactions < 300 || (reads < 50 && transactions < 100'000); ++transactions) {
    if (!fixture.db().begin().ok())
      break;
    task_spec spec;
    spec.kind = "noop";
    for (int i = 0; i < 5; ++i)
      fixture.db().insert(spec, noon);
    for (const auto& attempt : fixture.db().claim({workers(4), 1, {}}, noon).attempts)
      fixture.db().finish(report_of(attempt.ref, attempt_outcome::succeeded));
    const auto result = fixture.db().commit();
    INFO(result.message());
    CHECK(result.ok());
    if (!result.ok())
      break;
  }
  stop = true;
  reading.join();
  CHECK(trouble.empty());
  CHECK(reads >= 50);
  CHECK(transactions >= 300);
  CHECK(fixture.counts()["default"][task_state::succeeded] == 5 * transactions);
}

TEST_CASE("relaxed durability holds the same after a restart", "[store]") {
  const temp_folder folder;
  const store_options options{"sqlite:" + folder.file("errand.db"), durability::relaxed};
  {
    auto db = open_store(options);
    REQUIRE(db.ok());
    insert_some(**db, 7);
  }
  auto db = open_store(options);
  REQUIRE(db.ok());
  auto reader = (*db)->open_reader();
  REQUIRE(reader.ok());
  CHECK((*reader)->list({})->tasks.size() == 7);
}

TEST_CASE("a recount puts right what a damaged store has wrong, and tells of which tasks",
          "[store]") {
  file_place place;
  auto db = place.open();
  REQUIRE(db.ok());
  const auto committed = [&](auto body) {
    store_fixture::require_ok((*db)->begin());
    auto result = body();
    store_fixture::require_ok((*db)->commit());
    return result;
  };
  const auto insert = [&](std::vector<task_id> after) {
    task_spec spec;
    spec.kind = "noop";
    spec.after = std::move(after);
    return committed([&] { return (*(*db)->insert(spec, noon))->task; });
  };
  const auto upstream = insert({}).id;
  const auto other = insert({}).id;
  const auto id = insert({upstream, other}).id;
  const auto behind = insert({id}).id;
  auto expected = task_state::waiting;
  std::string damage;
  SECTION("a count that is too high") {
    damage = "UPDATE waiting SET n = 7 WHERE seq = ID";
  }
  SECTION("a count that is too low") {
    damage = "UPDATE waiting SET n = 1 WHERE seq = ID";
  }
  SECTION("a count that is gone") {
    damage = "DELETE FROM waiting WHERE seq = ID";
  }
  SECTION("dependencies that are gone") {
    damage = "DELETE FROM dependencies WHERE downstream = ID";
    expected = task_state::queued;
  }
  SECTION("an upstream whose success was not told") {
    damage = "UPDATE tasks SET state = 6 WHERE seq < ID";
    expected = task_state::queued;
  }
  SECTION("an upstream whose failure was not told") {
    damage = "UPDATE tasks SET state = 7 WHERE seq < ID";
    expected = task_state::cancelled;
  }
  SECTION("an upstream that is gone") {
    damage = "DELETE FROM tasks WHERE seq < ID";
    expected = task_state::cancelled;
  }
  damage.replace(damage.find("ID"), 2, std::to_string(id.sequence()));
  other_program(place.file()).execute(damage.c_str());

  const auto found = committed([&] { return (*db)->recount(0, 100, noon); });
  REQUIRE(found.repaired.size() == 1);
  CHECK(found.repaired[0] == id);
  CHECK_FALSE(found.next);
  const auto reader = (*db)->open_reader();
  REQUIRE(reader.ok());
  CHECK((*reader)->get(id)->state == expected);
  CHECK(((*reader)->get(behind)->state == task_state::cancelled)
        == (expected == task_state::cancelled));
  CHECK((*reader)->place(id)->waits_for.count == (expected == task_state::waiting ? 2 : 0));
  CHECK(committed([&] { return (*db)->recount(0, 100, noon); }).repaired.empty());
}

} // namespace errand::test
