/** How fast a tier gives bytes back to its node. Run by {@code bin/jmh giveback}. */
package io.hearth.jmh.lend;
