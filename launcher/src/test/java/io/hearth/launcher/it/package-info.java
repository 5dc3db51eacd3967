/**
 * Tests of the whole, through {@code bin/hearth} as users call it: real processes, a real S3 server, real mounts that
 * are read by child processes. Start with {@code HearthRig}.
 */
package io.hearth.launcher.it;
