// The W3C Trace Context header of a submit: kept with the task if it is valid, else ignored.
#pragma once

#include <string>
#include <string_view>

namespace errand {

/// The header's value as version 00 of https://www.w3.org/TR/trace-context/ writes it, or an empty
/// string if it is not valid. A later version is read by the fields that it shares with 00, as the
/// recommendation asks. A broken header never fails a request: tracing is the caller's extra.
std::string accept_traceparent(std::string_view header);

} // namespace errand
