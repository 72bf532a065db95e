// A mail as text: what of a task's args goes where in it. Pure. Nothing that a client sends can add
// a header or a recipient: control characters are refused, and what is not ASCII is encoded.
#pragma once

#include <nlohmann/json.hpp>

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

namespace errand {

/// Who a mail is from or to.
struct mailbox {
  std::string name; ///< UTF-8; may be empty.
  std::string address;
};

/// "ada@example.org" or "Ada Lovelace <ada@example.org>". Throws PermanentError with `what`
/// ("args.to") before the reason if it is not so.
mailbox parse_mailbox(const std::string& text, const std::string& what);

struct email {
  mailbox from;
  std::vector<mailbox> to, cc, bcc;
  std::vector<mailbox> reply_to; ///< At most one.
  std::string subject, text, html;
};

/// So many, of all three sorts: every mail server has to take a hundred (RFC 5321, 4.5.3.1.8).
inline constexpr size_t email_recipients_max = 100;

/// What the args of a task ask for. `usual_from` is who it is from if they name nobody. Throws
/// PermanentError, which says what is wrong.
email read_email(const nlohmann::json& args, const std::string& usual_from);

/// "<TASK@example.org>", the domain being that of `from`: the same for each attempt, so that
/// whoever receives a mail twice can see that it is one.
std::string message_id(const std::string& task_id, const mailbox& from);

/// The mail as RFC 5322 and MIME want it, with "\r\n" at the ends of lines; text and HTML are
/// alternatives, in quoted-printable. `task_id` also makes the boundary between them.
std::string format_email(const email& mail, const std::string& task_id,
                         std::chrono::system_clock::time_point now);

} // namespace errand
