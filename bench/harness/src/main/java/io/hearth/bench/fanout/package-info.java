/** Many nodes that want one file at once: in how much more time than one node has it, and how often the origin gives it. */
package io.hearth.bench.fanout;
