package dev.waybill.fleet;

import java.time.Instant;

/** A name in the platform's image store and what it points at. */
public record ImageView(
    String reference, String digest, long sizeBytes, int layers, Instant since) {}
