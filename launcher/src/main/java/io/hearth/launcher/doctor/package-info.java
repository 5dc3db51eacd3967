/** What {@code hearth doctor} looks at on this machine. */
package io.hearth.launcher.doctor;
