/** Files that are wholly in a tier, read through mounts beside a local file: what the mount itself costs. */
package io.hearth.bench.resident;
