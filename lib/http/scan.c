/* scan.c: the classes of each of the 256 bytes; see scan.h.
 * Introduced in phase 9. Needs: scan.h. */
#include "scan.h"

/* Each letter stands for a combination of classes, so that the table below
 * reads like an ASCII chart with sixteen bytes per row. */
#define o 0
#define x SCAN_TEXT
#define v (SCAN_TEXT | SCAN_QUERY)
#define n (v | SCAN_TOKEN)
#define g (v | SCAN_TARGET)
#define t (v | SCAN_TARGET | SCAN_TOKEN)
#define d (v | SCAN_TARGET | SCAN_HOST)
#define A (v | SCAN_TARGET | SCAN_HOST | SCAN_TOKEN)
#define ROW_CONTROLS o, o, o, o, o, o, o, o, o, o, o, o, o, o, o, o
#define ROW_OPAQUE x, x, x, x, x, x, x, x, x, x, x, x, x, x, x, x

const uint8_t scan_class[256] = {
    /* NUL to SI; the tenth is the tab */
    o, o, o, o, o, o, o, o, o, x, o, o, o, o, o, o,
    ROW_CONTROLS,
    /*  !  "  #  $  %  &  '  (  )  *  +  ,  -  .  / */
    x, A, g, n, A, n, A, A, d, d, A, A, d, A, A, g,
    /* 0 to 9  :  ;  <  =  >  ? */
    A, A, A, A, A, A, A, A, A, A, g, d, v, d, v, v,
    /* @, A to O */
    g, A, A, A, A, A, A, A, A, A, A, A, A, A, A, A,
    /* P to Z  [  \  ]  ^  _ */
    A, A, A, A, A, A, A, A, A, A, A, g, v, g, t, A,
    /* `, a to o */
    t, A, A, A, A, A, A, A, A, A, A, A, A, A, A, A,
    /* p to z  {  |  }  ~  DEL */
    A, A, A, A, A, A, A, A, A, A, A, g, t, g, A, o,
    /* 0x80 to 0xff: opaque to HTTP */
    ROW_OPAQUE, ROW_OPAQUE, ROW_OPAQUE, ROW_OPAQUE,
    ROW_OPAQUE, ROW_OPAQUE, ROW_OPAQUE, ROW_OPAQUE,
};
