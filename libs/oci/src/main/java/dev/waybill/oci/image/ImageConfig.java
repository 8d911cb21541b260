package dev.waybill.oci.image;

import dev.waybill.kernel.Digest;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An image's configuration: what it runs on, how to run it, and what its layers are once unpacked.
 *
 * @param platform the image is for
 * @param created when, if it says so
 * @param author who, if it says so
 * @param config how containers are run
 * @param diffIds digests of the uncompressed layers, lowest first
 * @param history how each layer came to be, lowest first
 * @see <a href="https://github.com/opencontainers/image-spec/blob/v1.1.0/config.md">image-spec,
 *     config</a>
 */
public record ImageConfig(
    Platform platform,
    @Nullable Instant created,
    @Nullable String author,
    ContainerConfig config,
    List<Digest> diffIds,
    List<History> history) {

  public ImageConfig {
    diffIds = List.copyOf(diffIds);
    history = List.copyOf(history);
  }

  /**
   * One step of a build.
   *
   * @param created when, if it says so
   * @param createdBy the command
   * @param comment free text
   * @param content whether the step left a layer
   */
  public record History(
      @Nullable Instant created, String createdBy, String comment, Content content) {
    /** Whether a step of a build left a layer. */
    public enum Content {
      LAYER,
      NONE
    }
  }
}
