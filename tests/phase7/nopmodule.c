/* nopmodule.c: a compiled extension of Python, for bench_ffi.py. It has one
 * function: a NOP round trip through lib/ffi's shared object. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "onering.h"

static struct onering *ring;

static PyObject *nop(PyObject *self, PyObject *arg)
{
    struct onering_completion done;
    uint64_t id = PyLong_AsUnsignedLongLong(arg);
    int rc = onering_nop(ring, id);

    (void)self;
    if (rc == 0)
        rc = onering_submit(ring);
    if (rc >= 0 && onering_next(ring, &done) == 1)
        return PyLong_FromUnsignedLongLong(done.id);
    PyErr_Format(PyExc_OSError, "a nop failed: %d", rc);
    return NULL;
}

static PyMethodDef methods[] = {
    {"nop", nop, METH_O, "Runs a NOP, and returns its id."},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT, .m_name = "nopmodule", .m_size = -1,
    .m_methods = methods,
};

PyMODINIT_FUNC PyInit_nopmodule(void)
{
    int rc = onering_create(&ring, 8);

    if (rc < 0) {
        PyErr_Format(PyExc_OSError, "no ring: %d", rc);
        return NULL;
    }
    return PyModule_Create(&module);
}
