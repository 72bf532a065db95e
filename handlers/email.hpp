// The kind `email`: hands a mail to the configured mail server.
#pragma once

#include <errand/handler.hpp>
#include <errand/options.hpp>

namespace errand {

/// The handler of tasks with args as handlers/email_message.hpp reads them; its result is
/// {"message_id": "<…>", "reply": "250 …"}. Connections stay open from one mail to the next, also
/// of other workers.
///
/// A mail goes to all its recipients or to none: if the server refuses one, nothing is sent. A
/// reply 4xx makes the attempt fail as "smtp", and so does a network that fails or a certificate
/// that does not hold, as "network"; both are tried again. 5xx fails for good, also when it is the
/// login that was refused. Without a server to talk to every task fails for good, and is told what
/// to set.
Handler email_handler(SmtpOptions options);

} // namespace errand
