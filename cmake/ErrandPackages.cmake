# `cpack --config build/release/CPackConfig.cmake` makes errand_VERSION_ARCH.deb and
# errand-dev_VERSION_ARCH.deb. Their libraries are those of the Debian release that it runs on.
set(_packaging ${PROJECT_SOURCE_DIR}/packaging)
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_CONTACT "The Errand authors <errand@localhost>")
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(CPACK_STRIP_FILES ON)

set(CPACK_COMPONENTS_ALL program)
if(ERRAND_LIBRARY)
  list(APPEND CPACK_COMPONENTS_ALL dev)
endif()
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)

set(CPACK_DEBIAN_PROGRAM_PACKAGE_NAME errand)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_DEPENDS tzdata)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_RECOMMENDS ca-certificates)
set(CPACK_DEBIAN_PROGRAM_PACKAGE_CONTROL_EXTRA
    ${_packaging}/debian/conffiles ${_packaging}/debian/postinst ${_packaging}/debian/prerm
    ${_packaging}/debian/postrm)
set(CPACK_COMPONENT_PROGRAM_DESCRIPTION
    "Task server with an embedded store\nTakes tasks over HTTP, keeps them through crashes, and runs them on workers: now,\nlater, again if they fail, at a time or every night.")

# Recommended is what errand::static and errand/actors.hpp want.
set(CPACK_DEBIAN_DEV_PACKAGE_NAME errand-dev)
set(CPACK_DEBIAN_DEV_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEV_PACKAGE_DEPENDS "nlohmann-json3-dev, tzdata")
string(CONCAT CPACK_DEBIAN_DEV_PACKAGE_RECOMMENDS
       "libcaf-dev, libcpp-httplib-dev, libcurl4-openssl-dev, libhowardhinnant-date-dev, "
       "libspdlog-dev, libsqlite3-dev, libssl-dev, libtomlplusplus-dev, prometheus-cpp-dev")
set(CPACK_COMPONENT_DEV_DESCRIPTION
    "Task server as a library: headers and libraries\nFor programs that embed the task server Errand with handlers and routes of their own.")

include(CPack)
