#include "handlers/email.hpp"

#include "handlers/email_message.hpp"
#include "handlers/smtp_client.hpp"
#include "handlers/typed_error.hpp"

#include <memory>

namespace errand {

namespace {

/// What the handlers of all workers share.
struct mail_service {
  SmtpOptions options;
  curl_pool clients;
};

smtp_mail make_mail(const email& mail, const TaskContext& task) {
  smtp_mail made;
  made.from = mail.from.address;
  for (const auto* all : {&mail.to, &mail.cc, &mail.bcc})
    for (const auto& who : *all)
      made.to.push_back(who.address);
  made.text = format_email(mail, task.id(), std::chrono::system_clock::now());
  return made;
}

[[noreturn]] void fail(const SmtpOptions& options, const smtp_outcome& outcome) {
  const auto server = "the mail server " + smtp_url(options);
  if (outcome.was_stopped)
    throw typed_error("stopped", "the mail was not sent: the task was stopped before");
  if (outcome.code < 400 || outcome.code > 599)
    throw typed_error("network", server + " could not be given the mail: " + outcome.error);
  const auto text = outcome.login_refused
                        ? server + " refused the login of " + options.user
                              + " (see smtp.user and smtp.password): " + outcome.reply
                        : server + " refused the mail: " + outcome.reply;
  if (outcome.code >= 500)
    throw PermanentError(text);
  throw typed_error("smtp", text);
}

nlohmann::json send(mail_service& service, TaskContext& task) {
  if (service.options.host.empty())
    throw PermanentError("no mail server is configured: set smtp.host (and smtp.from, smtp.user)"
                         " and start the server again; then this task can be retried");
  const auto mail = read_email(task.args(), service.options.from);
  const auto client = service.clients.take();
  const auto outcome = send_mail(*client, service.options, make_mail(mail, task),
                                 [&task] { return task.cancelled(); });
  if (!outcome.is_sent)
    fail(service.options, outcome);
  return {{"message_id", message_id(task.id(), mail.from)}, {"reply", outcome.reply}};
}

} // namespace

Handler email_handler(SmtpOptions options) {
  const auto service = std::make_shared<mail_service>();
  service->options = std::move(options);
  return [service](TaskContext& task) { return send(*service, task); };
}

} // namespace errand
