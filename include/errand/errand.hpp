// Everything for embedders that does not show CAF.
#pragma once

#include <errand/deferred.hpp>
#include <errand/event.hpp>
#include <errand/handler.hpp>
#include <errand/inline_clock.hpp>
#include <errand/options.hpp>
#include <errand/route.hpp>
#include <errand/server.hpp>
#include <errand/task.hpp>
#include <errand/typed_handler.hpp>
