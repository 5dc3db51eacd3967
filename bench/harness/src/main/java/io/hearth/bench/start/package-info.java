/** How long a mount takes from its launch until it serves. */
package io.hearth.bench.start;
