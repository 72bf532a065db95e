#include "handlers/email_message.hpp"

#include "handlers/email_encoding.hpp"
#include "task/utf8.hpp"

#include <errand/handler.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

namespace errand {

namespace {

constexpr std::string_view line_break = "\r\n";

/// Longest that RFC 5321 allows, and more than any server takes of a name.
constexpr size_t local_part_max = 64;
constexpr size_t domain_max = 255;
constexpr size_t name_max = 256;
constexpr size_t subject_max = 2000;

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// RFC 5322's atext and the dot. Quoted local parts are valid as well, and in practice attacks.
bool is_local_part(std::string_view text) {
  constexpr std::string_view others = "!#$%&'*+-/=?^_`{|}~.";
  return !text.empty() && text.size() <= local_part_max && !text.starts_with('.')
         && !text.ends_with('.') && text.find("..") == text.npos
         && std::all_of(text.begin(), text.end(), [&](char c) {
              return is_letter_or_digit(c) || others.find(c) != others.npos;
            });
}

bool is_domain(std::string_view text) {
  if (text.empty() || text.size() > domain_max)
    return false;
  for (size_t begin = 0; begin <= text.size();) {
    const auto end = std::min(text.find('.', begin), text.size());
    const auto label = text.substr(begin, end - begin);
    if (label.empty() || label.size() > 63 || label.front() == '-' || label.back() == '-'
        || !std::all_of(label.begin(), label.end(),
                        [](char c) { return is_letter_or_digit(c) || c == '-'; }))
      return false;
    begin = end + 1;
  }
  return true;
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c & 0x80) == 0; });
}

std::string_view trimmed(std::string_view text) {
  while (text.starts_with(' '))
    text.remove_prefix(1);
  while (text.ends_with(' '))
    text.remove_suffix(1);
  return text;
}

[[noreturn]] void refuse(const std::string& what, const std::string& why) {
  throw PermanentError(what + ' ' + why);
}

// -- Out of the args

constexpr const char* shape =
    "email needs args like {\"to\": [\"ada@example.org\"], \"subject\": \"…\", \"text\": \"…\"}";

std::string read_text(const nlohmann::json& args, const char* key, bool is_needed) {
  const auto found = args.find(key);
  if (found == args.end()) {
    if (is_needed)
      throw PermanentError(std::string(shape) + "; " + key + " is missing");
    return {};
  }
  if (!found->is_string())
    refuse("args." + std::string(key), "must be a text; it is " + std::string(found->type_name()));
  return found->get<std::string>();
}

std::vector<mailbox> read_mailboxes(const nlohmann::json& args, const char* key, bool is_needed) {
  const std::string what = "args." + std::string(key);
  std::vector<mailbox> all;
  const auto found = args.find(key);
  if (found == args.end() && is_needed)
    throw PermanentError(std::string(shape) + "; " + key + " is missing");
  if (found == args.end())
    return all;
  if (!found->is_array() || (is_needed && found->empty()))
    refuse(what, is_needed ? "must be an array with an address or more"
                           : "must be an array of addresses");
  for (size_t i = 0; i < found->size(); ++i) {
    const auto place = what + "[" + std::to_string(i) + "]";
    if (!(*found)[i].is_string())
      refuse(place, "must be a text; it is " + std::string((*found)[i].type_name()));
    all.push_back(parse_mailbox((*found)[i].get<std::string>(), place));
  }
  return all;
}

void check_keys(const nlohmann::json& args) {
  constexpr std::array<std::string_view, 8> known{"to",      "cc",   "bcc",  "from",
                                                  "subject", "text", "html", "reply_to"};
  for (const auto& [key, value] : args.items())
    if (std::find(known.begin(), known.end(), key) == known.end())
      throw PermanentError(std::string(shape) + ", and knows no \"" + key + "\"");
}

// -- Into text

std::string shown(const mailbox& who) {
  if (who.name.empty())
    return who.address;
  return encoded_phrase(who.name) + " <" + who.address + '>';
}

/// One to a line, so that no line is too long.
std::string shown(const std::vector<mailbox>& all) {
  std::string text;
  for (const auto& who : all)
    text += (text.empty() ? "" : ",\r\n ") + shown(who);
  return text;
}

std::string date(std::chrono::system_clock::time_point now) {
  // Not strftime, whose names depend on the locale.
  constexpr std::array days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                              "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto seconds = std::chrono::system_clock::to_time_t(now);
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[64];
  std::snprintf(text, sizeof text, "%s, %02d %s %04d %02d:%02d:%02d +0000",
                days.at(static_cast<size_t>(utc.tm_wday)), utc.tm_mday,
                months.at(static_cast<size_t>(utc.tm_mon)), utc.tm_year + 1900, utc.tm_hour,
                utc.tm_min, utc.tm_sec);
  return text;
}

std::string body_part(const char* type, std::string_view text) {
  return "Content-Type: text/" + std::string(type)
         + "; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n"
         + quoted_printable(text);
}

} // namespace

// Errors are shown where args are redacted, so no address is in them.
mailbox parse_mailbox(const std::string& text, const std::string& what) {
  const auto refused = [&](const std::string& why) { refuse(what, why); };
  if (!is_utf8(text) || !has_no_control_characters(text))
    refused("has control characters, such as a line break, which no address may have");
  mailbox who;
  std::string_view address = trimmed(text);
  if (address.ends_with('>')) {
    const auto begin = address.rfind('<');
    if (begin == address.npos)
      refused("has a '>' and no '<'");
    auto name = trimmed(address.substr(0, begin));
    if (name.size() >= 2 && name.front() == '"' && name.back() == '"')
      name = name.substr(1, name.size() - 2);
    if (name.size() > name_max)
      refused("has a name of more than " + std::to_string(name_max) + " bytes");
    who.name = name;
    address = address.substr(begin + 1, address.size() - begin - 2);
  }
  if (!is_ascii(address))
    refused("is not ASCII, which an address must be: write its domain as xn--…");
  const auto at = address.rfind('@');
  if (at == address.npos || !is_local_part(address.substr(0, at))
      || !is_domain(address.substr(at + 1)))
    refused("must be an address such as ada@example.org, or Ada Lovelace <ada@example.org>");
  who.address = address;
  return who;
}

email read_email(const nlohmann::json& args, const std::string& usual_from) {
  if (!args.is_object())
    throw PermanentError(std::string(shape) + "; it got " + args.type_name());
  check_keys(args);
  email mail;
  mail.to = read_mailboxes(args, "to", true);
  mail.cc = read_mailboxes(args, "cc", false);
  mail.bcc = read_mailboxes(args, "bcc", false);
  if (mail.to.size() + mail.cc.size() + mail.bcc.size() > email_recipients_max)
    throw PermanentError("a mail may have at most " + std::to_string(email_recipients_max)
                         + " recipients; submit several tasks");
  mail.subject = read_text(args, "subject", true);
  if (!has_no_control_characters(mail.subject))
    throw PermanentError("args.subject has control characters, such as a line break, which no "
                         "header may have");
  if (mail.subject.size() > subject_max)
    throw PermanentError("args.subject has more than " + std::to_string(subject_max) + " bytes");
  mail.text = read_text(args, "text", true);
  mail.html = read_text(args, "html", false);
  if (const auto reply_to = read_text(args, "reply_to", false); !reply_to.empty())
    mail.reply_to.push_back(parse_mailbox(reply_to, "args.reply_to"));
  const auto from = read_text(args, "from", false);
  if (from.empty() && usual_from.empty())
    throw PermanentError("nobody is named whom the mail is from: give args.from, or set smtp.from");
  mail.from = from.empty() ? parse_mailbox(usual_from, "smtp.from") //
                           : parse_mailbox(from, "args.from");
  return mail;
}

std::string message_id(const std::string& task_id, const mailbox& from) {
  return '<' + task_id + from.address.substr(from.address.rfind('@')) + '>';
}

std::string format_email(const email& mail, const std::string& task_id,
                         std::chrono::system_clock::time_point now) {
  std::string text;
  const auto header = [&text](std::string_view name, const std::string& value) {
    text.append(name).append(": ").append(value).append(line_break);
  };
  header("Date", date(now));
  header("From", shown(mail.from));
  header("To", shown(mail.to));
  if (!mail.cc.empty())
    header("Cc", shown(mail.cc));
  if (!mail.reply_to.empty())
    header("Reply-To", shown(mail.reply_to));
  header("Message-ID", message_id(task_id, mail.from));
  header("Subject", encoded_header(mail.subject));
  header("MIME-Version", "1.0");
  if (mail.html.empty())
    return text + body_part("plain", mail.text);
  // '=' can't be followed by '_' in quoted-printable, so no part holds the boundary.
  const auto boundary = "=_" + task_id;
  header("Content-Type", "multipart/alternative;\r\n boundary=\"" + boundary + '"');
  // The line break before a delimiter belongs to it, and not to the part.
  const auto delimiter = "\r\n--" + boundary;
  return text + delimiter + "\r\n" + body_part("plain", mail.text) + delimiter + "\r\n"
         + body_part("html", mail.html) + delimiter + "--\r\n";
}

} // namespace errand
