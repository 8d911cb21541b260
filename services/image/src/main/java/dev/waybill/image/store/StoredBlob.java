package dev.waybill.image.store;

import dev.waybill.kernel.Digest;
import java.nio.file.Path;

/**
 * Content that is stored.
 *
 * @param digest of the content
 * @param file that holds it and nothing else
 * @param size in bytes
 */
public record StoredBlob(Digest digest, Path file, long size) {}
