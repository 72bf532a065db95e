#include "handlers/smtp_client.hpp"

#include "task/utf8.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

namespace errand {

namespace {

constexpr size_t reply_max = 1024;

uint16_t port_of(const SmtpOptions& options) {
  if (options.port != 0)
    return options.port;
  switch (options.security) {
  case SmtpSecurity::starttls:
    return 587;
  case SmtpSecurity::tls:
    return 465;
  case SmtpSecurity::none:
    return 25;
  }
  return 25;
}

/// The mail as libcurl reads it, which may begin anew when a kept connection proves to be dead.
struct upload {
  std::string_view text;
  size_t at = 0;
};

size_t read_upload(char* to, size_t size, size_t count, void* from) {
  auto& mail = *static_cast<upload*>(from);
  const auto part = mail.text.substr(mail.at, size * count);
  std::memcpy(to, part.data(), part.size());
  mail.at += part.size();
  return part.size();
}

int rewind_upload(void* what, curl_off_t offset, int origin) {
  if (origin != SEEK_SET)
    return CURL_SEEKFUNC_CANTSEEK;
  static_cast<upload*>(what)->at = static_cast<size_t>(offset);
  return CURL_SEEKFUNC_OK;
}

/// The lines of the last reply but that to QUIT, which libcurl sends behind a refusal.
struct reply_lines {
  std::string text;
  bool is_whole = true;
};

size_t keep_reply(char* data, size_t size, size_t count, void* where) {
  auto& reply = *static_cast<reply_lines*>(where);
  std::string_view line{data, size * count};
  while (line.ends_with('\n') || line.ends_with('\r'))
    line.remove_suffix(1);
  if (line.starts_with("221"))
    return size * count;
  if (reply.is_whole)
    reply.text.clear();
  if (reply.text.size() < reply_max)
    reply.text.append(reply.text.empty() ? "" : " ").append(line);
  reply.is_whole = line.size() < 4 || line[3] != '-'; // "250-" is followed by another, "250 " not
  return size * count;
}

int code_of(const std::string& reply) {
  int code = 0;
  std::from_chars(reply.data(), reply.data() + std::min<size_t>(3, reply.size()), code);
  return code;
}

/// To be asked by libcurl. A transfer that is taken away from it in the middle would be closed like
/// one that is done: with the dot that makes half a mail a whole one.
int ask_whether_to_stop(void* should_stop, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return (*static_cast<const std::function<bool()>*>(should_stop))() ? 1 : 0;
}

void set_security(curl_client& client, const SmtpOptions& options) {
  client.set(
      CURLOPT_USE_SSL,
      static_cast<long>(options.security == SmtpSecurity::none ? CURLUSESSL_NONE : CURLUSESSL_ALL));
  client.set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (options.ca_file != smtp_system_ca) {
    client.set(CURLOPT_CAINFO, options.ca_file.c_str());
    client.set(CURLOPT_CAPATH, static_cast<const char*>(nullptr));
  }
  if (!options.user.empty()) {
    client.set(CURLOPT_USERNAME, options.user.c_str());
    client.set(CURLOPT_PASSWORD, options.password.c_str());
  }
}

} // namespace

std::string smtp_url(const SmtpOptions& options) {
  const bool is_ipv6 = options.host.find(':') != options.host.npos;
  return (options.security == SmtpSecurity::tls ? "smtps://" : "smtp://")
         + (is_ipv6 ? '[' + options.host + ']' : options.host) + ':'
         + std::to_string(port_of(options));
}

smtp_outcome send_mail(curl_client& client, const SmtpOptions& options, const smtp_mail& mail,
                       const std::function<bool()>& should_stop) {
  const auto url = smtp_url(options);
  const auto from = '<' + mail.from + '>';
  curl_texts recipients;
  for (const auto& address : mail.to)
    recipients.add('<' + address + '>');
  upload sending{mail.text};
  reply_lines reply;
  std::array<char, CURL_ERROR_SIZE> error{};
  const auto patience =
      static_cast<long>(std::chrono::ceil<std::chrono::milliseconds>(options.timeout).count());

  client.set(CURLOPT_URL, url.c_str());
  client.set(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  set_security(client, options);
  client.set(CURLOPT_TIMEOUT_MS, patience);
  client.set(CURLOPT_CONNECTTIMEOUT_MS, patience);
  client.set(CURLOPT_MAIL_FROM, from.c_str());
  client.set(CURLOPT_MAIL_RCPT, recipients.get());
  client.set(CURLOPT_UPLOAD, 1L);
  client.set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(mail.text.size()));
  client.set(CURLOPT_READFUNCTION, read_upload);
  client.set(CURLOPT_READDATA, &sending);
  client.set(CURLOPT_SEEKFUNCTION, rewind_upload);
  client.set(CURLOPT_SEEKDATA, &sending);
  client.set(CURLOPT_HEADERFUNCTION, keep_reply);
  client.set(CURLOPT_HEADERDATA, &reply);
  client.set(CURLOPT_ERRORBUFFER, error.data());
  client.set(CURLOPT_NOPROGRESS, 0L);
  client.set(CURLOPT_XFERINFOFUNCTION, ask_whether_to_stop);
  client.set(CURLOPT_XFERINFODATA, &should_stop);
  const auto code = client.run([] { return false; });

  smtp_outcome outcome;
  outcome.is_sent = code == CURLE_OK;
  outcome.was_stopped = code == CURLE_ABORTED_BY_CALLBACK;
  outcome.login_refused = code == CURLE_LOGIN_DENIED;
  outcome.code = code_of(reply.text);
  outcome.reply = mended(reply.text, reply_max);
  if (!outcome.is_sent) {
    outcome.error =
        mended(error[0] ? error.data() : curl_easy_strerror(code.value_or(CURLE_OK)), reply_max);
    client.hang_up();
  }
  return outcome;
}

} // namespace errand
