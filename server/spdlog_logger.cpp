#include "server/spdlog_logger.hpp"

#include "server/printable.hpp"

#include <nlohmann/json.hpp>
#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

namespace errand {

namespace {

spdlog::level::level_enum spdlog_level(log_level level) {
  switch (level) {
  case log_level::trace:
    return spdlog::level::trace;
  case log_level::debug:
    return spdlog::level::debug;
  case log_level::info:
    return spdlog::level::info;
  case log_level::warn:
    return spdlog::level::warn;
  case log_level::error:
    return spdlog::level::err;
  case log_level::off:
    break;
  }
  return spdlog::level::off;
}

/// The public enumeration and that of task/ have the same words in the same order.
log_level internal_level(LogLevel level) {
  static_assert(static_cast<int>(LogLevel::trace) == static_cast<int>(log_level::trace));
  static_assert(static_cast<int>(LogLevel::off) == static_cast<int>(log_level::off));
  return static_cast<log_level>(level);
}

/// The level by our own words: spdlog's are "warning" and, in Debian's build, fixed.
class level_word final : public spdlog::custom_flag_formatter {
public:
  explicit level_word(bool is_padded) : is_padded_(is_padded) {}

  void format(const spdlog::details::log_msg& event, const std::tm&,
              spdlog::memory_buf_t& line) override {
    std::string_view word = to_word(event.level);
    line.append(word.data(), word.data() + word.size());
    for (auto size = word.size(); is_padded_ && size < 5; ++size)
      line.push_back(' ');
  }

  std::unique_ptr<spdlog::custom_flag_formatter> clone() const override {
    return std::make_unique<level_word>(is_padded_);
  }

private:
  static std::string_view to_word(spdlog::level::level_enum level) {
    switch (level) {
    case spdlog::level::trace:
      return "trace";
    case spdlog::level::debug:
      return "debug";
    case spdlog::level::info:
      return "info";
    case spdlog::level::warn:
      return "warn";
    default:
      return "error";
    }
  }

  bool is_padded_;
};

std::unique_ptr<spdlog::formatter> line_formatter(LogFormat format) {
  constexpr auto text = "%Y-%m-%dT%H:%M:%S.%eZ %* %v";
  constexpr auto json = R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%*",%v})";
  bool is_text = format == LogFormat::text;
  auto formatter =
      std::make_unique<spdlog::pattern_formatter>(spdlog::pattern_time_type::utc, "\n");
  formatter->add_flag<level_word>('*', is_text).set_pattern(is_text ? text : json);
  return formatter;
}

std::string text_event(std::string_view message, const log_fields& fields) {
  bool is_plain = !message.empty() && is_printable(message) && message.find('=') == message.npos;
  std::string event = is_plain ? std::string(message) : string_literal(message);
  for (const auto& [key, value] : fields) {
    event.append(" ").append(key).append("=");
    bool is_word = !value.empty() && is_printable(value) && value.find_first_of(" =") == value.npos;
    event += is_word ? value : string_literal(value);
  }
  return event;
}

std::string json_string(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', true, nlohmann::json::error_handler_t::replace);
}

std::string json_event(std::string_view message, const log_fields& fields) {
  std::string event = "\"message\":" + json_string(message);
  for (const auto& [key, value] : fields)
    event.append(",").append(json_string(key)).append(":").append(json_string(value));
  return event;
}

/// Holds an spdlog logger of its own; spdlog's registry of named loggers knows nothing of it.
class spdlog_logger final : public logger {
public:
  spdlog_logger(LogLevel level, LogFormat format, spdlog::sink_ptr sink)
      : format_(format), out_("errand", std::move(sink)) {
    out_.set_level(spdlog_level(internal_level(level)));
    out_.set_formatter(line_formatter(format));
    out_.flush_on(spdlog::level::trace);
  }

  bool enabled(log_level level) const override {
    return level != log_level::off && out_.should_log(spdlog_level(level));
  }

  void write(log_level level, std::string_view message, const log_fields& fields) override {
    if (!enabled(level))
      return;
    auto event =
        format_ == LogFormat::text ? text_event(message, fields) : json_event(message, fields);
    out_.log(spdlog_level(level), spdlog::string_view_t(event.data(), event.size()));
  }

private:
  LogFormat format_;
  spdlog::logger out_;
};

} // namespace

logger_ptr make_logger(LogLevel level, LogFormat format) {
  auto sink = std::make_shared<spdlog::sinks::stderr_sink_mt>();
  return std::make_shared<spdlog_logger>(level, format, std::move(sink));
}

logger_ptr make_logger(LogLevel level, LogFormat format, std::ostream& out) {
  auto sink = std::make_shared<spdlog::sinks::ostream_sink_mt>(out);
  return std::make_shared<spdlog_logger>(level, format, std::move(sink));
}

} // namespace errand
