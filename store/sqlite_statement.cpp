// The thin layer over sqlite3_prepare, _bind, _step, _column and _reset.
#include "store/sqlite_statement.hpp"

#include "store/sqlite_error.hpp"

#include <sqlite3.h>

#include <cassert>
#include <cerrno>

namespace errand {

namespace {

/// "{queued}" -> "3". A partial index is used only if the query holds its condition literally, so
/// states can't be bound there; and numbers in SQL text would tell the reader nothing.
std::string with_state_numbers(std::string_view sql) {
  std::string result;
  result.reserve(sql.size());
  for (;;) {
    const auto open = sql.find('{');
    result += sql.substr(0, open);
    if (open == std::string_view::npos)
      return result;
    const auto close = sql.find('}', open);
    assert(close != std::string_view::npos);
    const auto state = parse_task_state(sql.substr(open + 1, close - open - 1));
    assert(state);
    result += std::to_string(static_cast<int>(*state));
    sql.remove_prefix(close + 1);
  }
}

} // namespace

sqlite_statement::sqlite_statement(sqlite_connection& connection, std::string_view sql) {
  const auto text = with_state_numbers(sql);
  sqlite3_stmt* statement = nullptr;
  const int code =
      sqlite3_prepare_v3(connection.handle(), text.c_str(), static_cast<int>(text.size()) + 1,
                         SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK)
    throw sqlite_error(sqlite_failure(connection.handle(), code));
  statement_.reset(statement);
}

void sqlite_statement::finalizer::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

sqlite_execution::~sqlite_execution() {
  sqlite3_reset(statement_); // Repeats the error that the last step told, if any.
}

void sqlite_execution::bind(int64_t value) {
  check(sqlite3_bind_int64(statement_, ++bound_, value));
}

void sqlite_execution::bind(double value) {
  check(sqlite3_bind_double(statement_, ++bound_, value));
}

void sqlite_execution::bind(std::string_view value) {
  // A view without data is the empty string and not NULL.
  const char* data = value.data() != nullptr ? value.data() : "";
  check(sqlite3_bind_text64(statement_, ++bound_, data, value.size(), SQLITE_STATIC, SQLITE_UTF8));
}

void sqlite_execution::bind(blob value) {
  // Likewise.
  const char* data = value.bytes.data() != nullptr ? value.bytes.data() : "";
  check(sqlite3_bind_blob64(statement_, ++bound_, data, value.bytes.size(), SQLITE_STATIC));
}

void sqlite_execution::bind(std::nullopt_t) {
  check(sqlite3_bind_null(statement_, ++bound_));
}

bool sqlite_execution::next() {
  errno = 0; // so that sqlite_failure() sees this step's, if any
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW)
    return true;
  if (code == SQLITE_DONE)
    return false;
  throw sqlite_error(sqlite_failure(sqlite3_db_handle(statement_), code));
}

void sqlite_execution::run() {
  while (next()) {
  }
}

bool sqlite_execution::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

int64_t sqlite_execution::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

double sqlite_execution::number(int column) const {
  return sqlite3_column_double(statement_, column);
}

std::string sqlite_execution::text(int column) const {
  const auto* data = sqlite3_column_text(statement_, column);
  if (data == nullptr)
    return {};
  return {reinterpret_cast<const char*>(data), size(column)};
}

std::string sqlite_execution::bytes(int column) const {
  const auto* data = sqlite3_column_blob(statement_, column);
  if (data == nullptr)
    return {};
  return {static_cast<const char*>(data), size(column)};
}

size_t sqlite_execution::size(int column) const {
  return static_cast<size_t>(sqlite3_column_bytes(statement_, column));
}

std::optional<timestamp> sqlite_execution::maybe_time(int column) const {
  if (is_null(column))
    return std::nullopt;
  return time(column);
}

std::optional<std::string> sqlite_execution::maybe_text(int column) const {
  if (is_null(column))
    return std::nullopt;
  return text(column);
}

void sqlite_execution::check_all_bound() const {
  assert(bound_ == 0 || bound_ == sqlite3_bind_parameter_count(statement_));
}

void sqlite_execution::check(int code) const {
  if (code != SQLITE_OK)
    throw sqlite_error(sqlite_failure(sqlite3_db_handle(statement_), code));
}

} // namespace errand
