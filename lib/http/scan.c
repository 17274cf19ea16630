/* scan.c: the classes of each of the 256 bytes; see scan.h.
 * Introduced in phase 9. Needs: scan.h. */
#include "scan.h"

/* One letter per combination of classes, so that the table below reads like an
 * ASCII chart with sixteen bytes per row. */
#define o 0
#define x SCAN_TEXT
#define n (SCAN_TEXT | SCAN_TOKEN)
#define g (SCAN_TEXT | SCAN_TARGET)
#define d (SCAN_TEXT | SCAN_TARGET | SCAN_HOST)
#define A (SCAN_TEXT | SCAN_TARGET | SCAN_HOST | SCAN_TOKEN)
#define ROW_CONTROLS o, o, o, o, o, o, o, o, o, o, o, o, o, o, o, o
#define ROW_OPAQUE x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x

const uint8_t scan_class[256] = {
    /* NUL to SI; the tab is the tenth */
    o, o, o, o, o, o, o, o, o, x, o, o, o, o, o, o,
    ROW_CONTROLS,
    /*  !  "  #  $  %  &  '  (  )  *  +  ,  -  .  / */
    x, A, x, n, A, n, A, A, d, d, A, A, d, A, A, g,
    /* 0 to 9  :  ;  <  =  >  ? */
    A, A, A, A, A, A, A, A, A, A, g, d, x, d, x, x,
    /* @, A to O */
    g, A, A, A, A, A, A, A, A, A, A, A, A, A, A, A,
    /* P to Z  [  \  ]  ^  _ */
    A, A, A, A, A, A, A, A, A, A, A, g, x, g, n, A,
    /* `, a to o */
    n, A, A, A, A, A, A, A, A, A, A, A, A, A, A, A,
    /* p to z  {  |  }  ~  DEL */
    A, A, A, A, A, A, A, A, A, A, A, x, n, x, A, o,
    /* 0x80 to 0xff: opaque to HTTP */
    ROW_OPAQUE, ROW_OPAQUE, ROW_OPAQUE, ROW_OPAQUE,
    ROW_OPAQUE, ROW_OPAQUE, ROW_OPAQUE, ROW_OPAQUE,
};
