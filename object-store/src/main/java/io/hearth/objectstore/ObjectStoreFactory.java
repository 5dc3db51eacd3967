package io.hearth.objectstore;

import io.hearth.protocol.OriginAccess;

/** Opens stores; the caller closes them. Opening does no I/O. */
@FunctionalInterface
public interface ObjectStoreFactory {
    ObjectStore open(OriginAccess access);
}
