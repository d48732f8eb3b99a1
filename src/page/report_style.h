/* Internal: the style sheet of a report. */
#ifndef NCA_PAGE_REPORT_STYLE_H
#define NCA_PAGE_REPORT_STYLE_H

extern const char nca__report_style[];

#endif
