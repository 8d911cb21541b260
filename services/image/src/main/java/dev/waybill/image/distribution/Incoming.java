package dev.waybill.image.distribution;

import dev.waybill.image.catalog.Actor;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A request as the registry needs to see it, whatever carries it. */
public interface Incoming {
  /** Who asks. */
  Actor actor();

  /** A header by its name in any case. */
  Optional<String> header(String name);

  /** A query parameter, decoded. */
  Optional<String> query(String name);

  /**
   * The next bytes of the body, or null at its end. The buffer is good until the next call.
   *
   * @throws IOException if the client went away before the end
   */
  @Nullable ByteBuffer nextBytes() throws IOException;
}
