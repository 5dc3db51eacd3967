/**
 * The quickstart: sample data, servers in this JVM, the mount in a second process, the reader in a third.
 * {@code Quickstart} tells the story; the other classes are its actors.
 */
package io.hearth.launcher.quickstart;
