package dev.waybill.image.distribution;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which bytes of an upload a chunk says it is: {@code Content-Range: 0-4}, both included.
 *
 * @see <a
 *     href="https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pushing-a-blob-in-chunks">distribution-spec,
 *     pushing a blob in chunks</a>
 */
record ChunkRange(long first, long last) {
  private static final Pattern RANGE = Pattern.compile("([0-9]{1,18})-([0-9]{1,18})");

  /** What the header says, if it says a range. */
  static Optional<ChunkRange> of(String header) {
    Matcher matcher = RANGE.matcher(header);
    return matcher.matches()
        ? Optional.of(
                new ChunkRange(Long.parseLong(matcher.group(1)), Long.parseLong(matcher.group(2))))
            .filter(range -> range.first <= range.last)
        : Optional.empty();
  }

  long length() {
    return last - first + 1;
  }
}
