# The programs behind `make bench`, made by `cmake --build ... --target bench_programs` and by nothing
# else. oneDNN and OpenBLAS are compared with; nothing but bench_dense_layers is linked with them.
add_custom_target(bench_programs)

add_executable(bench_read_medmnist EXCLUDE_FROM_ALL bench/read_medmnist.c)
add_executable(bench_first_step EXCLUDE_FROM_ALL bench/first_step.c)
foreach(program bench_read_medmnist bench_first_step)
    target_link_libraries(${program} PRIVATE nca nca_options)
    add_dependencies(bench_programs ${program})
endforeach()

# These use internal headers, which a shared libnca would hide.
pkg_check_modules(JANSSON IMPORTED_TARGET jansson)
if(JANSSON_FOUND)
    add_executable(bench_draw EXCLUDE_FROM_ALL bench/draw.c bench/draw_bars.c bench/draw_lines.c
                   $<TARGET_OBJECTS:nca_hosted> $<TARGET_OBJECTS:nca_core>)
    target_include_directories(bench_draw SYSTEM PRIVATE ${CAIRO_INCLUDE_DIRS})
    target_link_libraries(bench_draw PRIVATE nca_options PkgConfig::JANSSON ${NCA_DEPENDENCIES}
                              ${CAIRO_LINK_LIBRARIES})
    add_dependencies(bench_programs bench_draw)
endif()

pkg_check_modules(OPENBLAS IMPORTED_TARGET openblas)
find_library(DNNL_LIBRARY dnnl)
if(OPENBLAS_FOUND AND DNNL_LIBRARY)
    add_executable(bench_dense_layers EXCLUDE_FROM_ALL bench/dense_layers.c src/cli/bench/peak.c
                                                       src/base/clock.c src/base/machine.c
                                                       $<TARGET_OBJECTS:nca_core>)
    target_link_libraries(bench_dense_layers PRIVATE nca_options PkgConfig::OPENBLAS
                          ${DNNL_LIBRARY} Threads::Threads m)
    add_dependencies(bench_programs bench_dense_layers)
endif()
