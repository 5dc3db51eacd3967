/**
 * An S3 server in this process, for quickstart and tests: S3Proxy over a directory.
 *
 * <p>{@link io.hearth.embedded.EmbeddedStore} is the whole face. A bucket is a directory, a key is a path below it;
 * files may be put there by hand. No mount carries this package.
 */
package io.hearth.embedded;
