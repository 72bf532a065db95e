// Everything for embedders that does not show CAF.
#pragma once

#include <errand/handler.hpp>
#include <errand/options.hpp>
#include <errand/server.hpp>
