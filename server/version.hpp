// Which version this is; the number comes from CMakeLists.txt.
#pragma once

namespace errand {

inline constexpr const char* version_text = ERRAND_VERSION;

} // namespace errand
