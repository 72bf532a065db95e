// How a reader asks: at one moment, and with a status in place of an exception.
#pragma once

#include "store/sqlite_error.hpp"
#include "store/sqlite_statement.hpp"

#include <exception>
#include <string>

namespace errand {

/// Bytes of arguments and results after which a page ends early: a thousand tasks may hold a
/// gigabyte of them.
inline constexpr size_t page_size_max = 8 << 20;

inline constexpr size_t page_limit_max = 1000; ///< Rows.

/// Turns what goes wrong in `question` into the status that the caller gets.
template <class Question>
auto answered(Question question) -> decltype(question()) {
  try {
    return question();
  } catch (const sqlite_error& error) {
    return error.why();
  } catch (const std::exception& error) {
    return status(ec::store_failed, std::string("The store failed: ") + error.what());
  }
}

/// All that is read while it lives is of one moment.
class snapshot {
public:
  snapshot(sqlite_statement& begin, sqlite_statement& end) : end_(end) {
    sqlite_execution(begin).run();
  }
  ~snapshot() {
    try {
      sqlite_execution(end_).run();
    } catch (const sqlite_error&) {
      // Nothing was written, so nothing is lost.
    }
  }
  snapshot(const snapshot&) = delete;
  snapshot& operator=(const snapshot&) = delete;

private:
  sqlite_statement& end_;
};

} // namespace errand
