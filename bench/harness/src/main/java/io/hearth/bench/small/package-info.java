/** Many small files: their names, and their bytes. */
package io.hearth.bench.small;
