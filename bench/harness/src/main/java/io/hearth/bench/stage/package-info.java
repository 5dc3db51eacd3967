/**
 * What benches put on stage: {@link io.hearth.bench.stage.SourceFile} the bytes,
 * {@link io.hearth.bench.stage.OriginProcess} the object store, {@link io.hearth.bench.stage.HearthNode} a master and a
 * worker, its mounts, and {@link io.hearth.bench.stage.SequentialRead} the reader.
 */
package io.hearth.bench.stage;
