/**
 * Who owns which block of an object, and who is near whom: the same answer for all who know the same members.
 *
 * <p>Start with {@link io.hearth.protocol.placement.PlacementTable}. Pure: no clock, no I/O, no chance.
 */
package io.hearth.protocol.placement;
