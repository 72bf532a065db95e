# find_package(errand [COMPONENTS actors]) gives the targets
#   errand::errand  the library, shared
#   errand::static  the same in an archive; its user needs the -dev packages of what it is made with
#   errand::actors  beside one of those: what <errand/actors.hpp> needs, which is CAF
include(CMakeFindDependencyMacro)
find_dependency(nlohmann_json 3.11)
include(${CMAKE_CURRENT_LIST_DIR}/errand-targets.cmake)

foreach(_component ${errand_FIND_COMPONENTS})
  if(_component STREQUAL "actors")
    # CAF has no configuration of its own in Debian.
    list(APPEND CMAKE_MODULE_PATH ${CMAKE_CURRENT_LIST_DIR})
    find_dependency(CAF 0.17.6 EXACT)
    list(POP_BACK CMAKE_MODULE_PATH)
    if(NOT TARGET errand::actors)
      add_library(errand::actors INTERFACE IMPORTED)
      set_target_properties(errand::actors PROPERTIES INTERFACE_LINK_LIBRARIES CAF::core)
    endif()
    set(errand_actors_FOUND TRUE)
  elseif(errand_FIND_REQUIRED_${_component})
    set(errand_FOUND FALSE)
    set(errand_NOT_FOUND_MESSAGE "errand has no component '${_component}', only 'actors'")
  endif()
endforeach()
