/* How the orientation in the EXIF data of a picture is treated. */
#ifndef NCA_EXIF_H
#define NCA_EXIF_H

#ifdef __cplusplus
extern "C" {
#endif

typedef enum nca_exif {
    NCA_EXIF_APPLY,  /* turn the picture accordingly, as viewers do */
    NCA_EXIF_IGNORE, /* leave the picture as it is stored, as Pillow's Image.open does */
    NCA_EXIF_COUNT
} nca_exif;

#ifdef __cplusplus
}
#endif
#endif
