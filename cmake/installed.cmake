# Run at the end of an installation: prints the variables that the shell needs so that the program,
# pkg-config, CMake and the loader find what was installed. Does not apply to packages (DESTDIR).
if(DEFINED ENV{DESTDIR} AND NOT "$ENV{DESTDIR}" STREQUAL "")
    return()
endif()

# Whether a folder is in a colon-separated list of folders.
function(nca_is_in found folder folders)
    string(FIND ":${folders}:" ":${folder}:" at)
    if(at LESS 0)
        set(${found} FALSE PARENT_SCOPE)
    else()
        set(${found} TRUE PARENT_SCOPE)
    endif()
endfunction()

get_filename_component(prefix "${CMAKE_INSTALL_PREFIX}" ABSOLUTE)
set(bindir "${prefix}/${NCA_BINDIR}")
set(libdir "${prefix}/${NCA_LIBDIR}")
set(pcdir "${libdir}/pkgconfig")
set(lines "")

nca_is_in(found "${bindir}" "$ENV{PATH}")
if(NOT found)
    list(APPEND lines "export PATH=${bindir}:\$PATH")
endif()

execute_process(COMMAND pkg-config --variable=pc_path pkg-config
                OUTPUT_VARIABLE searched OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
nca_is_in(found "${pcdir}" "$ENV{PKG_CONFIG_PATH}:${searched}")
if(NOT found)
    list(APPEND lines "export PKG_CONFIG_PATH=${pcdir}:\$PKG_CONFIG_PATH")
    list(APPEND lines "export CMAKE_PREFIX_PATH=${prefix}:\$CMAKE_PREFIX_PATH")
endif()

if(NCA_SHARED)
    nca_is_in(found "${libdir}" "$ENV{LD_LIBRARY_PATH}")
    if(prefix STREQUAL "/usr" OR prefix STREQUAL "/usr/local")
        message(STATUS "Run ldconfig as root, so that programs find libnca.so")
    elseif(NOT found)
        list(APPEND lines "export LD_LIBRARY_PATH=${libdir}:\$LD_LIBRARY_PATH")
    endif()
endif()

if(lines)
    list(JOIN lines "\n  " text)
    message(STATUS "So that the shell, pkg-config, CMake and the loader find it:\n  ${text}")
endif()
