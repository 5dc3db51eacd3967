/** What commands print: tables, JSON, YAML, ages, progress. */
package io.hearth.launcher.output;
