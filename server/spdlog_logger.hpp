// The program's log, on spdlog: one event, one line, on standard error, flushed at once. Made by
// server/ and cli/, handed to everyone else as task/logger.hpp's interface; any thread may write.
//
//   text  2026-11-22T21:00:00.123Z info  message key=value other="two words"
//   json  {"time":"2026-11-22T21:00:00.123Z","level":"info","message":"…","key":"value"}
//
// Whatever a client manages to put into a message or a value stays inside it: in text, what is not
// plain is quoted and escaped (a message also where it holds '='); JSON is ASCII, with \uNNNN for
// all else and U+FFFD for bytes that are not UTF-8.
#pragma once

#include "task/logger.hpp"

#include <errand/options.hpp>

#include <iosfwd>

namespace errand {

/// Writes to standard error.
logger_ptr make_logger(LogLevel level, LogFormat format);

/// Writes to `out`, which must outlive the logger; nobody else may write to it meanwhile.
logger_ptr make_logger(LogLevel level, LogFormat format, std::ostream& out);

} // namespace errand
