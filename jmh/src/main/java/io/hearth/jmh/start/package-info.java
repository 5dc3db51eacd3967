/** How long a worker reads its tiers at start. Run by {@code bin/jmh start}. */
package io.hearth.jmh.start;
