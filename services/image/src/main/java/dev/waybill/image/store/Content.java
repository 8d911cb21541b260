package dev.waybill.image.store;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;

/** How stored content goes out: as a file that the system sends by itself, or piece by piece. */
public sealed interface Content {
  /** A file of this machine that holds the content and nothing else. */
  record LocalFile(Path file) implements Content {}

  /** Content on another machine; each reader has a connection of its own. */
  non-sealed interface Streamed extends Content {
    /**
     * The bytes from {@code offset} on, {@code length} of them; there must be so many. The caller
     * closes the stream, wherever it is then.
     *
     * @throws java.nio.file.NoSuchFileException if the content was removed meanwhile
     */
    InputStream open(long offset, long length) throws IOException;
  }
}
