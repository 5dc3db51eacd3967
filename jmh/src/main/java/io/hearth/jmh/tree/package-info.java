/** What a listing costs a mount: memory a file, time to build, time an answer. Run by {@code bin/jmh tree}. */
package io.hearth.jmh.tree;
