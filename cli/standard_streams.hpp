// Standard input, output and error of a process that was started without one of them.
#pragma once

namespace errand {

/// Holds the places 0 to 2 where they are closed, since the next socket or file would get them, and
/// what is printed would be written into it. Input is empty then, output fails when it is written
/// to, and errors go nowhere. To be called before anything is opened.
void hold_closed_streams();

} // namespace errand
