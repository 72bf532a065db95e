// The kind `exec`: runs a command that the configuration names, and no other.
#pragma once

#include "handlers/exec_command.hpp"

#include <errand/handler.hpp>

namespace errand {

/// The handler of tasks with args like {"command": "resize", "args": {"width": 100}}.
///
/// The command gets the inner args as JSON on its standard input, its scalars as ERRAND_ARG_*, and
/// where its argv has placeholders. It succeeds by exit status 0 with its standard output as
/// result. Else the attempt fails: as "temporary" by status 75 (EX_TEMPFAIL), as "exit_status" by
/// another, as "signal" if it was killed, and for good if its output is too large or the args don't
/// fit. When the task is to end early, or has said too much, its process group gets SIGTERM, and
/// after the command's grace SIGKILL; when the server is killed, SIGKILL at once. For that the
/// first command starts a process (see group_guard.hpp), which ends with the last copy of the
/// handler.
Handler exec_handler(exec_commands commands);

} // namespace errand
