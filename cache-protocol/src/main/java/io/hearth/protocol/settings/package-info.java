/**
 * Typed settings: one record per module whose components carry {@link io.hearth.protocol.settings.Setting}, bound from
 * text by {@link io.hearth.protocol.settings.SettingsBinder}. The reference page is generated from the same
 * annotations.
 */
package io.hearth.protocol.settings;
