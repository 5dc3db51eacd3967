/**
 * By what the processes of one cluster know each other: the secret that all of them share
 * ({@link io.hearth.protocol.trust.ClusterToken}), and the file it is read from
 * ({@link io.hearth.protocol.trust.TokenFile}).
 */
package io.hearth.protocol.trust;
