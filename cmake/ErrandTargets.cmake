# Flags that all of our targets share, and the two ways to make one.

add_library(errand_flags INTERFACE)
target_compile_options(errand_flags INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor)
if(ERRAND_WERROR)
  target_compile_options(errand_flags INTERFACE -Werror)
endif()
if(ERRAND_SANITIZE STREQUAL "address")
  # CAF's init_fun_factory.hpp binds null references on purpose.
  set(_sanitize -fsanitize=address,undefined -fno-sanitize=null -fno-sanitize-recover=undefined
                -fno-omit-frame-pointer)
  # g++ 12 under -fsanitize takes std::regex's own variables for uninitialised.
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    list(APPEND _sanitize -Wno-maybe-uninitialized)
  endif()
elseif(ERRAND_SANITIZE STREQUAL "thread")
  set(_sanitize -fsanitize=thread -fno-omit-frame-pointer)
elseif(ERRAND_SANITIZE)
  message(FATAL_ERROR "ERRAND_SANITIZE is '${ERRAND_SANITIZE}'; it can be empty, address or thread")
endif()
target_compile_options(errand_flags INTERFACE ${_sanitize})
target_link_options(errand_flags INTERFACE ${_sanitize})

# errand_library(NAME SOURCES… LINK targets…): one per folder, included by paths from the top. Its
# objects are those of liberrand.so as well, which shows what the headers in include/ declare and no more:
# they open with "#pragma GCC visibility".
function(errand_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINK;LINK_PRIVATE" ${ARGN})
  add_library(${name} STATIC ${ARG_SOURCES})
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR})
  target_link_libraries(${name} PUBLIC ${ARG_LINK} PRIVATE errand_flags ${ARG_LINK_PRIVATE})
  set_target_properties(${name} PROPERTIES CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON)
  if(ERRAND_LIBRARY)
    set_target_properties(${name} PROPERTIES POSITION_INDEPENDENT_CODE ON)
  endif()
endfunction()

# errand_test(NAME SOURCES… LINK targets…): a Catch2 program whose cases CTest lists one by one. A case
# that can't run here says why and exits with 77; CTest then reports it as skipped.
function(errand_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;LINK;LABELS" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 120)
  endif()
  add_executable(${name} ${ARG_SOURCES})
  target_link_libraries(${name} PRIVATE errand_flags errand_test_support ${ARG_LINK})
  catch_discover_tests(${name} TEST_PREFIX "${name}: " PROPERTIES TIMEOUT ${ARG_TIMEOUT}
                       SKIP_RETURN_CODE 77 LABELS "${ARG_LABELS}")
endfunction()
