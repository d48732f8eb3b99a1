# Cross-compiling for 64-bit ARM with Debian's gcc-aarch64-linux-gnu, or with clang:
#
#   cmake -B build/aarch64 --toolchain cmake/aarch64.cmake -DNCA_CORE_ONLY=ON [-DCMAKE_C_COMPILER=clang]
#
# The core needs the compiler and its C library alone. All of libnca needs its libraries for arm64
# too: -DCMAKE_SYSROOT=FOLDER names a root that has them, such as a copy of a machine's file system.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
if(NOT CMAKE_C_COMPILER)
    set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
endif()
set(CMAKE_C_COMPILER_TARGET aarch64-linux-gnu) # what clang needs to be told

set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM NEVER)
set(CMAKE_FIND_ROOT_PATH_MODE_LIBRARY ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_INCLUDE ONLY)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
if(CMAKE_SYSROOT)
    set(ENV{PKG_CONFIG_SYSROOT_DIR} ${CMAKE_SYSROOT})
    set(ENV{PKG_CONFIG_LIBDIR}
        ${CMAKE_SYSROOT}/usr/lib/aarch64-linux-gnu/pkgconfig:${CMAKE_SYSROOT}/usr/share/pkgconfig)
endif()

# How CTest runs programs that were built for another machine.
find_program(NCA_QEMU_AARCH64 NAMES qemu-aarch64 qemu-aarch64-static)
if(NCA_QEMU_AARCH64)
    set(CMAKE_CROSSCOMPILING_EMULATOR ${NCA_QEMU_AARCH64})
    if(CMAKE_SYSROOT)
        list(APPEND CMAKE_CROSSCOMPILING_EMULATOR -L ${CMAKE_SYSROOT})
    endif()
endif()
