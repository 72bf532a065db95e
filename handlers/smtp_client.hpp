// One mail over SMTP, on libcurl.
#pragma once

#include "handlers/curl_handle.hpp"

#include <errand/options.hpp>

#include <functional>
#include <string>
#include <vector>

namespace errand {

struct smtp_mail {
  std::string from;            ///< Addresses, without names.
  std::vector<std::string> to; ///< All that get it.
  std::string text;            ///< Headers and body; dots at the beginnings of lines as they are.
};

/// How a mail went.
struct smtp_outcome {
  bool is_sent = false;
  bool was_stopped = false;
  bool login_refused = false;
  int code = 0;      ///< Of the server's last reply; 0 if there was none.
  std::string reply; ///< That reply with its code, on one line.
  std::string error; ///< What libcurl says, if it was not sent.
};

/// Blocks until the mail is handed over or is not; asks `should_stop` every 50 ms, and once a
/// second while the server has the whole mail and does not say what it thinks of it. Throws
/// std::runtime_error as curl_client does. Any thread, with a client of its own.
smtp_outcome send_mail(curl_client& client, const SmtpOptions& options, const smtp_mail& mail,
                       const std::function<bool()>& should_stop);

/// "smtp://mail.example.org:587", for messages.
std::string smtp_url(const SmtpOptions& options);

} // namespace errand
