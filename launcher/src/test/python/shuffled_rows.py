"""Prints a digest of an array's rows in a shuffled order, read by two kinds of memory map and as a whole."""

import hashlib
import sys

import numpy

name = sys.argv[1]
whole = numpy.load(name)
loaded = numpy.load(name, mmap_mode="r")
mapped = numpy.memmap(name, dtype=whole.dtype, mode="r", offset=loaded.offset, shape=whole.shape)
order = numpy.random.default_rng(7).permutation(whole.shape[0])
for rows in (whole, loaded, mapped):
    digest = hashlib.sha256()
    for row in order:
        digest.update(rows[row].tobytes())
    print(digest.hexdigest(), rows[order[::3]].sum(dtype="f8"), rows.shape)
