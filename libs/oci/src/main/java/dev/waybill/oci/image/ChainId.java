package dev.waybill.oci.image;

import dev.waybill.kernel.Digest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Names a stack of layers: two images share a chain id exactly if they share those layers in that
 * order.
 *
 * @see <a
 *     href="https://github.com/opencontainers/image-spec/blob/v1.1.0/config.md#layer-chainid">image-spec,
 *     layer chain id</a>
 */
public final class ChainId {
  private ChainId() {}

  /** The chain id of the whole stack, lowest layer first. */
  public static Digest of(List<Digest> diffIds) {
    return ofEach(diffIds).getLast();
  }

  /** The chain ids of all stacks that end at each layer, lowest first. */
  public static List<Digest> ofEach(List<Digest> diffIds) {
    List<Digest> chain = new ArrayList<>();
    for (Digest diffId : diffIds) {
      chain.add(chain.isEmpty() ? diffId : joined(chain.getLast(), diffId));
    }
    return List.copyOf(chain);
  }

  private static Digest joined(Digest below, Digest diffId) {
    return Digest.of((below + " " + diffId).getBytes(StandardCharsets.US_ASCII));
  }
}
