package dev.waybill.image.pieces;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads a table of contents, entry by entry. Both formats list the archive's entries in their order
 * and say where the packing of a file's content begins; zstd:chunked says where it ends, too, and
 * what follows is packed anew. In eStargz what follows a content, up to the next one, is packed
 * with it.
 *
 * @see <a href="https://github.com/containerd/stargz-snapshotter/blob/v0.15.1/docs/estargz.md">the
 *     format of eStargz</a>
 */
final class TableReader {
  private static final int DEPTH_MAX = 8;
  private static final int TAR_BLOCK = 512;

  private final PieceLimits limits;
  private final PieceCutter cutter;
  private long contentEnd;
  private long fileSize;

  private TableReader(long end, PieceLimits limits) {
    this.limits = limits;
    this.cutter = new PieceCutter(end, limits.piecesMax());
  }

  /**
   * The pieces that a table tells of.
   *
   * @param end where the layer's content ends and what belongs to the table begins
   */
  static PieceTable read(InputStream json, long end, PieceLimits limits)
      throws MalformedTableException {
    try (JsonParser parser = factory(limits).createParser(json)) {
      return new TableReader(end, limits).table(parser);
    } catch (IOException | IllegalArgumentException | ArithmeticException e) {
      String why = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
      throw new MalformedTableException("the table can't be read: " + why, e);
    }
  }

  private static JsonFactory factory(PieceLimits limits) {
    return JsonFactory.builder()
        .streamReadConstraints(
            StreamReadConstraints.builder()
                .maxNestingDepth(DEPTH_MAX)
                .maxDocumentLength(limits.tableBytesMax())
                .maxStringLength(limits.entryBytesMax())
                .build())
        .build();
  }

  private PieceTable table(JsonParser parser) throws IOException, MalformedTableException {
    if (parser.nextToken() != JsonToken.START_OBJECT) {
      throw new MalformedTableException("the table is no object");
    }
    boolean hasEntries = false;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      boolean isEntries = parser.currentName().equals("entries");
      JsonToken value = parser.nextToken();
      if (!isEntries) {
        parser.skipChildren();
      } else if (hasEntries || value != JsonToken.START_ARRAY) {
        throw new MalformedTableException("the table has no list of entries, or two");
      } else {
        hasEntries = true;
        entries(parser);
      }
    }
    if (!hasEntries) {
      throw new MalformedTableException("the table has no entries");
    }
    endContent();
    cutter.describe("end");
    return cutter.finish();
  }

  private void entries(JsonParser parser) throws IOException, MalformedTableException {
    for (int count = 0; parser.nextToken() == JsonToken.START_OBJECT; count++) {
      if (count == limits.entriesMax()) {
        throw new MalformedTableException("more than " + limits.entriesMax() + " entries");
      }
      add(entry(parser));
    }
  }

  private TableEntry entry(JsonParser parser) throws IOException, MalformedTableException {
    StringBuilder header = new StringBuilder();
    String type = "";
    @Nullable String digest = null;
    @Nullable String chunkDigest = null;
    long size = 0;
    long offset = 0;
    long endOffset = 0;
    long chunkSize = 0;
    while (parser.nextToken() == JsonToken.FIELD_NAME) {
      String field = parser.currentName();
      parser.nextToken();
      switch (field) {
        case "offset" -> offset = parser.getLongValue();
        case "endOffset" -> endOffset = parser.getLongValue();
        case "chunkSize" -> chunkSize = parser.getLongValue();
        case "digest" -> digest = parser.getText();
        case "chunkDigest" -> chunkDigest = parser.getText();
        case "innerOffset", "chunkOffset", "chunkType" -> parser.skipChildren();
        default -> {
          type = field.equals("type") ? parser.getText() : type;
          size = field.equals("size") ? parser.getLongValue() : size;
          header.append(field).append('=');
          copy(parser, header);
        }
      }
    }
    return new TableEntry(
        type.equals("chunk"),
        header.toString(),
        size,
        offset,
        endOffset,
        digest,
        chunkSize,
        chunkDigest);
  }

  /** A value with all that is in it, in some form that differs where the value does. */
  private void copy(JsonParser parser, StringBuilder text)
      throws IOException, MalformedTableException {
    int depth = 0;
    do {
      JsonToken token = parser.currentToken();
      if (token == null) {
        throw new MalformedTableException("the table breaks off");
      }
      depth += token.isStructStart() ? 1 : token.isStructEnd() ? -1 : 0;
      String value = parser.getText();
      text.append(value.length()).append(':').append(value).append(';');
      if (text.length() > limits.entryBytesMax()) {
        throw new MalformedTableException("an entry is over " + limits.entryBytesMax() + " bytes");
      }
    } while (depth > 0 && parser.nextToken() != null);
  }

  private void add(TableEntry entry) throws MalformedTableException {
    if (!entry.isPart()) {
      endContent();
      cutter.describe(entry.header());
      fileSize = entry.size();
      contentEnd = entry.endOffset();
    }
    if (entry.offset() == 0) {
      return; // No content, or the table leaves out what the packed layer has there.
    }
    cutter.cut(entry.offset());
    String content = entry.content();
    if (content == null) {
      cutter.describeNothing();
    } else {
      cutter.describe(content);
    }
    if (contentEnd == 0) {
      cutter.describe(padding()); // It is packed with the content.
    }
  }

  /** The file before is over: what fills its last block is packed with the next header. */
  private void endContent() throws MalformedTableException {
    if (contentEnd > 0) {
      cutter.cut(contentEnd);
      cutter.describe(padding());
    }
    contentEnd = 0;
  }

  private String padding() {
    return "fill " + fileSize % TAR_BLOCK;
  }
}
