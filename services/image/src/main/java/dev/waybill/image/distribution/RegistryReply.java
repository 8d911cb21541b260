package dev.waybill.image.distribution;

import dev.waybill.image.catalog.CatalogDecision;
import dev.waybill.image.store.Content;
import dev.waybill.oci.distribution.ErrorBody;
import dev.waybill.oci.distribution.ErrorCode;
import java.nio.file.Path;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What the registry answers.
 *
 * @param status of HTTP
 * @param headers besides the length of the body
 * @param body that a HEAD request is told the length of and doesn't get
 */
public record RegistryReply(int status, SortedMap<String, String> headers, Body body) {

  public RegistryReply {
    headers = Collections.unmodifiableSortedMap(new TreeMap<>(headers));
  }

  /** What follows the headers. */
  public sealed interface Body {
    /** How many bytes. */
    long length();

    /** Bytes in memory. */
    record Bytes(byte[] content) implements Body {
      @Override
      public long length() {
        return content.length;
      }
    }

    /** Part of a file. */
    record FileSlice(Path file, long offset, long length) implements Body {}

    /** Part of content that is read while it is sent. */
    record StreamSlice(Content.Streamed content, long offset, long length) implements Body {}

    /** Part of stored content. */
    static Body of(Content content, long offset, long length) {
      return switch (content) {
        case Content.LocalFile(var file) -> new FileSlice(file, offset, length);
        case Content.Streamed streamed -> new StreamSlice(streamed, offset, length);
      };
    }
  }

  private static final Body NOTHING = new Body.Bytes(new byte[0]);

  static RegistryReply of(int status) {
    return new RegistryReply(status, new TreeMap<>(), NOTHING);
  }

  /** A JSON document. */
  public static RegistryReply json(int status, byte[] content) {
    return of(status).with("Content-Type", "application/json").with(new Body.Bytes(content));
  }

  /** A refusal with the status that its code usually has. */
  public static RegistryReply error(ErrorCode code, String message) {
    return error(code.status(), code, message);
  }

  /** A push that is over a quota. */
  static RegistryReply overQuota(CatalogDecision.Refused refused) {
    return error(413, refused.code(), refused.why());
  }

  /** A refusal. */
  public static RegistryReply error(int status, ErrorCode code, String message) {
    return of(status)
        .with("Content-Type", ErrorBody.CONTENT_TYPE)
        .with(new Body.Bytes(ErrorBody.write(code, message)));
  }

  /** The same with this header. */
  public RegistryReply with(String name, String value) {
    SortedMap<String, String> more = new TreeMap<>(headers);
    more.put(name, value);
    return new RegistryReply(status, more, body);
  }

  RegistryReply with(Body content) {
    return new RegistryReply(status, headers, content);
  }
}
