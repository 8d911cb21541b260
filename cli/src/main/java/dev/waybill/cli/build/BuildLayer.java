package dev.waybill.cli.build;

import dev.waybill.kernel.Digest;
import dev.waybill.oci.image.Descriptor;
import java.nio.file.Path;

/**
 * A layer of an image that is being built.
 *
 * @param blob as it is sent
 * @param diffId digest of the archive inside
 */
record BuildLayer(Descriptor blob, Digest diffId, Where where) {
  /** Where the blob is. */
  sealed interface Where {
    /** In this repository of the platform's registry. */
    record InRepository(String name) implements Where {}

    /** In this file, not sent yet. */
    record InFile(Path file) implements Where {}
  }
}
