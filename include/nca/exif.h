/* What becomes of the orientation that cameras write into EXIF data of pictures. */
#ifndef NCA_EXIF_H
#define NCA_EXIF_H

#ifdef __cplusplus
extern "C" {
#endif

typedef enum nca_exif {
    NCA_EXIF_APPLY,  /* turn the picture, as viewers do */
    NCA_EXIF_IGNORE, /* leave it as it is stored, as Pillow's Image.open does */
    NCA_EXIF_COUNT
} nca_exif;

#ifdef __cplusplus
}
#endif
#endif
