# `make install`: headers, library, program, nca.pc for pkg-config, a package for find_package(nca).
# Every installed file finds the others by relative paths, so the prefix may be moved afterwards.
include(CMakePackageConfigHelpers)

set(NCA_CMAKE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/nca)

install(DIRECTORY include/nca DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} FILES_MATCHING PATTERN "*.h")
install(TARGETS nca EXPORT nca-targets
        ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
        LIBRARY DESTINATION ${CMAKE_INSTALL_LIBDIR}
        RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(EXPORT nca-targets NAMESPACE nca:: DESTINATION ${NCA_CMAKE_DIR})
install(FILES LICENSE README.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY docs DESTINATION ${CMAKE_INSTALL_DOCDIR} FILES_MATCHING
        PATTERN "*.md" PATTERN "images/*" PATTERN "figures" EXCLUDE)
if(NCA_MANUAL)
    install(DIRECTORY ${NCA_SHARE_DIR}/man/ DESTINATION ${CMAKE_INSTALL_MANDIR})
    install(DIRECTORY ${NCA_SHARE_DIR}/bash-completion ${NCA_SHARE_DIR}/zsh ${NCA_SHARE_DIR}/fish
            DESTINATION ${CMAKE_INSTALL_DATAROOTDIR})
endif()

# Only a shared libnca must be found: otherwise CMake would give the program in the build folder a
# search path of empty names, and the loader takes those for the current folder.
if(BUILD_SHARED_LIBS)
    file(RELATIVE_PATH NCA_LIBDIR_FROM_BINDIR
         ${CMAKE_INSTALL_FULL_BINDIR} ${CMAKE_INSTALL_FULL_LIBDIR})
    set_target_properties(nca_program PROPERTIES INSTALL_RPATH "$ORIGIN/${NCA_LIBDIR_FROM_BINDIR}")
endif()
install(TARGETS nca_program DESTINATION ${CMAKE_INSTALL_BINDIR})

# Users of a static archive must link the libraries that it was built with; a shared library brings
# them. Libraries opened at need (NCA_FILES_AT_NEED) are in neither: they must be installed on the
# machine that uses libnca.
set(NCA_PC_LIBS "")
if(NOT BUILD_SHARED_LIBS)
    set(NCA_PC_LIBS "-pthread -ldl -lm")
endif()
file(RELATIVE_PATH NCA_PC_PREFIX
     ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
string(REGEX REPLACE "/$" "" NCA_PC_PREFIX "${NCA_PC_PREFIX}")
file(RELATIVE_PATH NCA_PC_LIBDIR ${CMAKE_INSTALL_PREFIX} ${CMAKE_INSTALL_FULL_LIBDIR})
file(RELATIVE_PATH NCA_PC_INCLUDEDIR ${CMAKE_INSTALL_PREFIX} ${CMAKE_INSTALL_FULL_INCLUDEDIR})
configure_file(cmake/nca.pc.in cmake/nca.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/cmake/nca.pc
        DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

configure_package_config_file(cmake/nca-config.cmake.in cmake/nca-config.cmake
                              INSTALL_DESTINATION ${NCA_CMAKE_DIR})
write_basic_package_version_file(cmake/nca-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/cmake/nca-config.cmake
              ${CMAKE_CURRENT_BINARY_DIR}/cmake/nca-config-version.cmake
        DESTINATION ${NCA_CMAKE_DIR})

# Prints which paths the loader, pkg-config and the shell do not search by themselves.
install(CODE "set(NCA_SHARED \"${BUILD_SHARED_LIBS}\")
set(NCA_LIBDIR \"${CMAKE_INSTALL_LIBDIR}\")
set(NCA_BINDIR \"${CMAKE_INSTALL_BINDIR}\")")
install(SCRIPT ${CMAKE_CURRENT_LIST_DIR}/installed.cmake)
