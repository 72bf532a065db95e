# The library as one file (liberrand.so, liberrand.a), made of the objects of all folders but cli/, and
# what others need to build with it (component "dev").
foreach(_folder task store actors handlers http server)
  list(APPEND _objects $<TARGET_OBJECTS:errand_${_folder}>)
endforeach()

# What liberrand.a leaves to its user to link; our headers show none of it. Plain names, since one list
# then does for CMake and pkg-config, and all come from Debian's packages.
set(ERRAND_LINKS -lcaf_io -lcaf_core -lcpp-httplib -lsqlite3 -lcurl -lssl -lcrypto -lspdlog -lfmt
                 -ldate-tz -ltomlplusplus -lprometheus-cpp-core)

# Before 1.0 each minor version may change the binary interface.
add_library(errand_shared SHARED ${_objects})
set_target_properties(errand_shared PROPERTIES VERSION ${PROJECT_VERSION}
                                               SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR}
                                               EXPORT_NAME errand)
target_link_libraries(errand_shared PRIVATE ${ERRAND_LINKS})
if(NOT ERRAND_SANITIZE)
  target_link_options(errand_shared PRIVATE LINKER:-z,defs)
endif()

add_library(errand_static STATIC ${_objects})
set_target_properties(errand_static PROPERTIES EXPORT_NAME static)
target_link_libraries(errand_static INTERFACE ${ERRAND_LINKS})

foreach(_library errand_shared errand_static)
  set_target_properties(${_library} PROPERTIES OUTPUT_NAME errand LINKER_LANGUAGE CXX)
  target_link_libraries(${_library} INTERFACE nlohmann_json::nlohmann_json)
  target_compile_features(${_library} INTERFACE cxx_std_20)
endforeach()

set(_config ${CMAKE_INSTALL_LIBDIR}/cmake/errand)
install(TARGETS errand_shared errand_static EXPORT errand
        LIBRARY COMPONENT dev ARCHIVE COMPONENT dev INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(DIRECTORY ${PROJECT_SOURCE_DIR}/include/errand DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}
        COMPONENT dev FILES_MATCHING PATTERN *.hpp)
install(EXPORT errand FILE errand-targets.cmake NAMESPACE errand:: DESTINATION ${_config}
        COMPONENT dev)

include(CMakePackageConfigHelpers)
write_basic_package_version_file(
  ${PROJECT_BINARY_DIR}/packaging/errand-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_SOURCE_DIR}/packaging/errand-config.cmake
              ${PROJECT_BINARY_DIR}/packaging/errand-config-version.cmake
              ${PROJECT_SOURCE_DIR}/cmake/FindCAF.cmake
        DESTINATION ${_config} COMPONENT dev)

list(JOIN ERRAND_LINKS " " ERRAND_LINKS)
errand_install_configured(${PROJECT_SOURCE_DIR}/packaging/errand.pc.in
                          ${CMAKE_INSTALL_LIBDIR}/pkgconfig dev)
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/errand-dev
        RENAME copyright COMPONENT dev)
