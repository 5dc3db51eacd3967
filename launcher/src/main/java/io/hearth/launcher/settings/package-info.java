/** Where settings come from: {@code hearth.yaml}, then {@code HEARTH_*} variables, then {@code --set} flags. */
package io.hearth.launcher.settings;
