// The table itself: a new setting is one field in errand/options.hpp, one row here, and its line in
// docs/configuration.md.
#include "handlers/address_rules.hpp"
#include "handlers/email_message.hpp"
#include "handlers/webhook_signature.hpp"
#include "http/field_rules.hpp"
#include "server/printable.hpp"
#include "server/settings.hpp"
#include "task/utf8.hpp"

#include <errand/handler.hpp>

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <limits>

namespace errand {

namespace {

/// The field of Options at the end of a path of member pointers.
template <auto... Path>
constexpr auto& at(auto& options) {
  return (options.*....*Path);
}

template <auto... Path>
using field = std::remove_cvref_t<decltype(at<Path...>(std::declval<Options&>()))>;

template <auto... Path>
constexpr whole_number_rule whole_number(int64_t least, int64_t most) {
  return {[](const Options& o) { return static_cast<int64_t>(at<Path...>(o)); },
          [](Options& o, int64_t n) { at<Path...>(o) = static_cast<field<Path...>>(n); }, least,
          most};
}

template <auto... Path>
constexpr bytes_rule bytes(int64_t least, int64_t most) {
  return {whole_number<Path...>(least, most)};
}

template <auto... Path>
constexpr seconds_rule seconds(double least, double most) {
  return {[](const Options& o) { return at<Path...>(o).count(); },
          [](Options& o, double s) { at<Path...>(o) = Seconds(s); }, least, most};
}

template <auto... Path>
constexpr choice_rule choice(std::span<const std::string_view> words) {
  return {[](const Options& o) { return static_cast<size_t>(at<Path...>(o)); },
          [](Options& o, size_t i) { at<Path...>(o) = static_cast<field<Path...>>(i); }, words};
}

template <auto... Path>
constexpr text_rule text(bool (*is_allowed)(std::string_view), std::string_view allowed) {
  return {[](const Options& o) -> const std::string& { return at<Path...>(o); },
          [](Options& o, std::string s) { at<Path...>(o) = std::move(s); }, is_allowed, allowed};
}

template <auto... Path>
constexpr switch_rule on_or_off() {
  return {[](const Options& o) { return at<Path...>(o); },
          [](Options& o, bool is_on) { at<Path...>(o) = is_on; }};
}

template <auto... Path>
constexpr list_rule list(bool (*is_allowed)(std::string_view), std::string_view allowed,
                         size_t most, bool is_secret = false) {
  return {[](const Options& o) -> const std::vector<std::string>& { return at<Path...>(o); },
          [](Options& o, std::vector<std::string> l) { at<Path...>(o) = std::move(l); },
          is_allowed,
          allowed,
          most,
          is_secret};
}

// In the order of the enumerations in errand/options.hpp.
constexpr std::array<std::string_view, 2> durabilities{"commit", "relaxed"};
constexpr std::array<std::string_view, 3> smtp_securities{"starttls", "tls", "none"};
constexpr std::array<std::string_view, 6> log_levels{"trace", "debug", "info",
                                                     "warn",  "error", "off"};
constexpr std::array<std::string_view, 2> log_formats{"text", "json"};

/// A path that begins with "//" is what is left of sqlite://PATH, one with ':' a misspelt :memory:.
bool is_store_url(std::string_view url) {
  constexpr std::string_view scheme = "sqlite:";
  if (!url.starts_with(scheme) || !is_printable(url))
    return false;
  auto path = url.substr(scheme.size());
  if (path == ":memory:")
    return true;
  return !path.empty() && !path.starts_with("//") && !path.starts_with(':') && path != "memory:";
}

template <int Family>
bool is_address(const std::string& address) {
  std::array<unsigned char, sizeof(in6_addr)> bytes;
  return inet_pton(Family, address.c_str(), bytes.data()) == 1;
}

bool is_host_name(std::string_view name) {
  return !name.empty() && name.size() <= 253 && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.'
           || c == '-' || c == '_';
  });
}

/// Whether a name can be resolved shows when it is used.
bool is_server_address(std::string_view address) {
  if (address.find(':') != address.npos)
    return is_address<AF_INET6>(std::string(address.substr(0, address.find('%'))));
  if (address.find_first_not_of("0123456789.") == address.npos)
    return is_address<AF_INET>(std::string(address));
  return is_host_name(address);
}

bool is_listen_address(std::string_view address) {
  return address == "*" || is_server_address(address);
}

/// As a browser writes it: scheme, host, and the port unless it is the scheme's own.
bool is_web_origin(std::string_view origin) {
  for (const std::string_view scheme : {"https://", "http://"})
    if (origin.starts_with(scheme)) {
      const auto authority = origin.substr(scheme.size());
      return !authority.empty() && is_host(authority) && authority.find('*') == authority.npos;
    }
  return false;
}

bool is_redacted_name(std::string_view name) {
  return !name.empty() && name.size() <= 128 && is_printable(name) && name.find(',') == name.npos;
}

bool is_smtp_host(std::string_view host) {
  return host.empty() || is_server_address(host);
}

bool is_sender(std::string_view from) {
  if (from.empty())
    return true;
  try {
    parse_mailbox(std::string(from), "");
    return true;
  } catch (const PermanentError&) {
    return false;
  }
}

bool is_net(std::string_view text) {
  return ip_net::parse(text).has_value();
}

bool is_webhook_secret(std::string_view text) {
  return webhook_key(text).has_value();
}

bool is_file(std::string_view path) {
  return !path.empty() && is_printable(path);
}

constexpr int64_t KiB = 1024;
constexpr int64_t MiB = 1024 * KiB;
constexpr double day_s = 24 * 60 * 60;
constexpr double for_ever = std::numeric_limits<double>::infinity();

constexpr std::array table{
    setting{"store", "--store", "URL", "where tasks are kept",
            text<&Options::store>(is_store_url, "sqlite:PATH or sqlite::memory:")},
    setting{"durability", "--durability", "WORD",
            "commit: a 202 survives a power cut; relaxed: a killed process",
            choice<&Options::durability>(durabilities)},
    setting{"claim_ahead", "--claim-ahead", "N",
            "short tasks taken from the store ahead of a free worker, at most",
            whole_number<&Options::claim_ahead>(0, 10'000)},
    setting{"timeout_grace_s", "--timeout-grace", "SECONDS",
            "how long a handler that reached its timeout_s gets to end",
            seconds<&Options::timeout_grace>(0, day_s)},
    setting{"max_stuck_workers", "--max-stuck-workers", "N",
            "workers started in place of those whose handler ignores timeout_s",
            whole_number<&Options::max_stuck_workers>(0, 1024)},
    setting{"events_buffer", "--events-buffer", "N",
            "newest events kept for readers of /v1/events that come back",
            whole_number<&Options::events_buffer>(0, 1'000'000)},
    setting{"drain_timeout_s", "--drain-timeout", "SECONDS",
            "how long a stop waits for running handlers",
            seconds<&Options::drain_timeout>(0, day_s)},
    setting{"no_auth", "--no-auth", "", "ask nobody for a token, and answer every peer",
            on_or_off<&Options::no_auth>()},

    setting{"workers.count", "--workers", "N",
            "threads that run handlers; 0 means twice the cores, at least 2",
            whole_number<&Options::workers>(0, 1024)},

    setting{"retention.succeeded_s", "--retain-succeeded", "SECONDS",
            "how long tasks are kept after they succeeded; inf is for ever",
            seconds<&Options::retention, &RetentionOptions::succeeded>(0, for_ever)},
    setting{"retention.failed_s", "--retain-failed", "SECONDS",
            "how long tasks are kept that failed or were cancelled",
            seconds<&Options::retention, &RetentionOptions::failed>(0, for_ever)},

    setting{"http.listen", "--listen", "ADDRESS", "address to listen on",
            text<&Options::http, &HttpOptions::listen>(
                is_listen_address,
                "a host name or IP address, without port and, if IPv6, without brackets; or *")},
    setting{"http.port", "--port", "PORT", "TCP port; 0 lets the system choose",
            whole_number<&Options::http, &HttpOptions::port>(
                0, std::numeric_limits<decltype(HttpOptions::port)>::max())},
    setting{"http.max_header_bytes", "--max-header-bytes", "BYTES",
            "request line and headers together; 431 beyond",
            bytes<&Options::http, &HttpOptions::max_header_bytes>(1 * KiB, 1 * MiB)},
    setting{"http.max_body_bytes", "--max-body-bytes", "BYTES", "body of a request; 413 beyond",
            bytes<&Options::http, &HttpOptions::max_body_bytes>(1 * KiB, 256 * MiB)},
    setting{"http.max_batch_bytes", "--max-batch-bytes", "BYTES",
            "body of a batch of tasks; 413 beyond",
            bytes<&Options::http, &HttpOptions::max_batch_bytes>(1 * KiB, 256 * MiB)},
    setting{"http.max_uri_bytes", "--max-uri-bytes", "BYTES", "target of a request; 414 beyond",
            bytes<&Options::http, &HttpOptions::max_uri_bytes>(256, 8 * KiB)},
    setting{"http.max_connections", "--max-connections", "N",
            "open connections; more wait until one closes",
            whole_number<&Options::http, &HttpOptions::max_connections>(1, 1'000'000)},
    setting{"http.max_in_flight", "--max-in-flight", "N",
            "requests waiting for their answer; 503 beyond",
            whole_number<&Options::http, &HttpOptions::max_in_flight>(1, 1'000'000)},
    setting{"http.request_timeout_s", "--request-timeout", "SECONDS",
            "from the first byte of a request to its last; 408 beyond",
            seconds<&Options::http, &HttpOptions::request_timeout>(0.1, day_s)},
    setting{"http.idle_timeout_s", "--idle-timeout", "SECONDS",
            "without a byte between requests; closed beyond",
            seconds<&Options::http, &HttpOptions::idle_timeout>(0.1, day_s)},
    setting{"http.send_timeout_s", "--send-timeout", "SECONDS",
            "without the client taking a byte of its answer; closed beyond",
            seconds<&Options::http, &HttpOptions::send_timeout>(0.1, day_s)},
    setting{"http.hosts", "--hosts", "NAMES", "names under which clients may address the server",
            list<&Options::http, &HttpOptions::hosts>(is_host_name, "names of hosts without ports",
                                                      1000)},
    setting{"http.cors_origins", "--cors-origins", "ORIGINS",
            "origins of web pages that may use the server",
            list<&Options::http, &HttpOptions::cors_origins>(
                is_web_origin, "origins such as https://app.example.org", 1000)},

    setting{"redact.args", "--redact-args", "NAMES",
            "names in tasks' args whose values are not shown",
            list<&Options::redact_args>(is_redacted_name, "names of 1 to 128 characters", 100)},

    setting{"http_task.allow", "--http-task-allow", "NETS",
            "addresses beside public ones that tasks may call",
            list<&Options::http_task, &HttpTaskOptions::allow>(
                is_net, "addresses and networks such as 127.0.0.1 or 10.0.0.0/8", 1000)},
    setting{"http_task.secrets", "", "SECRETS", "what requests of tasks are signed with",
            list<&Options::http_task, &HttpTaskOptions::secrets>(
                is_webhook_secret, "secrets, each whsec_ and 24 to 64 bytes in base64", 10, true)},
    setting{"http_task.max_answer_bytes", "--http-task-max-answer-bytes", "BYTES",
            "body of an answer that goes into a task's result",
            bytes<&Options::http_task, &HttpTaskOptions::max_answer_bytes>(0, 1 * MiB)},
    setting{"http_task.max_redirects", "--http-task-max-redirects", "N",
            "redirects that a task follows",
            whole_number<&Options::http_task, &HttpTaskOptions::max_redirects>(0, 20)},
    setting{"http_task.connect_timeout_s", "--http-task-connect-timeout", "SECONDS",
            "until a connection to a server stands",
            seconds<&Options::http_task, &HttpTaskOptions::connect_timeout>(0.1, day_s)},
    setting{"http_task.ca_file", "--http-task-ca-file", "FILE",
            "certificates that servers are trusted by",
            text<&Options::http_task, &HttpTaskOptions::ca_file>(
                is_file, "system, or the path of a file of certificates (PEM)")},

    setting{"smtp.host", "--smtp-host", "HOST", "mail server for tasks of the kind email",
            text<&Options::smtp, &SmtpOptions::host>(
                is_smtp_host, "a host name or IP address, without port and, if IPv6, without "
                              "brackets")},
    setting{"smtp.port", "--smtp-port", "PORT",
            "its port; 0 is the usual one, 587, 465 or 25 by smtp.security",
            whole_number<&Options::smtp, &SmtpOptions::port>(
                0, std::numeric_limits<decltype(SmtpOptions::port)>::max())},
    setting{"smtp.security", "--smtp-security", "WORD",
            "starttls, tls from the first byte, or none",
            choice<&Options::smtp, &SmtpOptions::security>(smtp_securities)},
    setting{"smtp.user", "--smtp-user", "NAME",
            "name for the login; the password is in ERRAND_SMTP_PASSWORD",
            text<&Options::smtp, &SmtpOptions::user>(has_no_control_characters,
                                                     "text without control characters")},
    setting{"smtp.from", "--smtp-from", "ADDRESS", "who mails are from that do not say so",
            text<&Options::smtp, &SmtpOptions::from>(
                is_sender, "an address such as ada@example.org, or Ada Lovelace "
                           "<ada@example.org>")},
    setting{"smtp.timeout_s", "--smtp-timeout", "SECONDS", "how long sending one mail may take",
            seconds<&Options::smtp, &SmtpOptions::timeout>(0.1, 3600)},
    setting{"smtp.ca_file", "--smtp-ca-file", "FILE",
            "file of certificates that it is trusted by, or system",
            text<&Options::smtp, &SmtpOptions::ca_file>(
                is_file, "system, or the path of a file of certificates (PEM)")},

    setting{"log.level", "--log-level", "WORD", "least level that is logged",
            choice<&Options::log_level>(log_levels)},
    setting{"log.format", "--log-format", "WORD", "text, or one JSON object per line",
            choice<&Options::log_format>(log_formats)},
};

} // namespace

std::span<const setting> all_settings() {
  return table;
}

} // namespace errand
