/** What commands print: tables, JSON, YAML, ages. */
package io.hearth.launcher.output;
