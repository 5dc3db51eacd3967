/**
 * Processes put together from modules: what is started, in which order, and how it ends. A process owns all it starts
 * and closes it in reverse order within a bound.
 */
package io.hearth.launcher.process;
