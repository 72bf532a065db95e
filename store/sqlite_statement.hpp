// Prepared statements: a sqlite_statement is prepared once and lives as long as its owner; a
// sqlite_execution is one run of it. Used by the thread that uses the connection.
#pragma once

#include "store/sqlite_connection.hpp"
#include "task/task.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>

struct sqlite3_stmt;

namespace errand {

class sqlite_statement {
public:
  /// In `sql`, {queued} and its kin stand for the stored number of that task_state.
  sqlite_statement(sqlite_connection& connection, std::string_view sql);

private:
  friend class sqlite_execution;
  struct finalizer {
    void operator()(sqlite3_stmt* statement) const;
  };
  std::unique_ptr<sqlite3_stmt, finalizer> statement_;
};

/// Bytes that are no text.
struct blob {
  std::string_view bytes;
};

/// Binds its arguments in order on construction, resets the statement when it goes. What is bound
/// must live as long; temporaries do not compile.
class sqlite_execution {
public:
  template <class... Ts>
  explicit sqlite_execution(sqlite_statement& statement, Ts&&... arguments)
      : statement_(statement.statement_.get()) {
    (bind(std::forward<Ts>(arguments)), ...);
    check_all_bound();
  }

  ~sqlite_execution();
  sqlite_execution(const sqlite_execution&) = delete;
  sqlite_execution& operator=(const sqlite_execution&) = delete;

  /// For statements whose number of arguments is known at run time only; before the first next().
  void bind(int64_t value);
  void bind(double value);
  void bind(std::string_view value);
  void bind(std::string&& value) = delete;
  void bind(const std::string& value) { bind(std::string_view(value)); }
  void bind(blob value);
  void bind(std::nullopt_t);
  void bind(task_state value) { bind(static_cast<int64_t>(value)); }
  void bind(unique_until value) { bind(static_cast<int64_t>(value)); }
  void bind(unique_conflict value) { bind(static_cast<int64_t>(value)); }
  void bind(cancel_reason value) { bind(static_cast<int64_t>(value)); }
  void bind(dependency_policy value) { bind(static_cast<int64_t>(value)); }
  void bind(timestamp value) { bind(int64_t{value.time_since_epoch().count()}); }
  void bind(duration value) { bind(int64_t{value.count()}); }
  template <class T>
  void bind(const std::optional<T>& value) {
    if (value)
      bind(*value);
    else
      bind(std::nullopt);
  }

  /// Steps to the next row; false when there is none left.
  bool next();

  /// Steps to the end, past rows that nobody wants.
  void run();

  /// Columns of the row that next() stepped to, counted from 0.
  bool is_null(int column) const;
  int64_t integer(int column) const;
  double number(int column) const;
  std::string text(int column) const;
  std::string bytes(int column) const;
  size_t size(int column) const; ///< Bytes of a text or blob.
  timestamp time(int column) const { return timestamp(duration(integer(column))); }
  task_state state(int column) const { return static_cast<task_state>(integer(column)); }
  std::optional<timestamp> maybe_time(int column) const;
  std::optional<std::string> maybe_text(int column) const;

private:
  void check_all_bound() const;
  void check(int code) const;

  sqlite3_stmt* statement_;
  int bound_ = 0;
};

} // namespace errand
