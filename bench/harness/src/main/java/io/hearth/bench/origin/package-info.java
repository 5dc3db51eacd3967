/** Benches of cold reads: nothing is cached, every byte comes from the object store. */
package io.hearth.bench.origin;
