/** The commands, one class each. They parse, call one process or the master's API, and print. */
package io.hearth.launcher.command;
