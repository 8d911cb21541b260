/** Which addresses a name stands for: those of the containers that carry it and are ready. */
@org.jspecify.annotations.NullMarked
package dev.waybill.networking.discovery;
