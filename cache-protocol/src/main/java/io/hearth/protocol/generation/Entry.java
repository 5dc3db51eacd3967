package io.hearth.protocol.generation;

import io.hearth.protocol.Validator;

/**
 * One name of a generation.
 *
 * @param path from the dataset's root, without a leading or trailing slash
 * @param mount index into {@link Generation#mounts()}
 * @param directory whether it is a directory that the origin names itself ({@code dir/}); others follow from the paths
 * @param sizeBytes 0 for a directory
 * @param modifiedMs last change at the origin, in milliseconds since 1970
 * @param validator the object's version
 */
public record Entry(String path, int mount, boolean directory, long sizeBytes, long modifiedMs, Validator validator) {}
