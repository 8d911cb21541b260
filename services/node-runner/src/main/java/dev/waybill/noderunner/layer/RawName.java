package dev.waybill.noderunner.layer;

import dev.waybill.noderunner.layer.UnpackOutcome.Reason;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * Names of files as Linux has them: bytes, in no particular encoding. They are kept in strings with
 * one character per byte, so that every name survives and slashes and dots are where they look.
 */
final class RawName {
  private RawName() {}

  static String of(byte[] bytes, int offset, int length) {
    return new String(bytes, offset, length, StandardCharsets.ISO_8859_1);
  }

  /**
   * A path as its bytes are. Java's own text of it depends on the locale and may have lost some;
   * only as a URI it has them all, those that are not plain ASCII as percent and two digits.
   */
  static String of(Path path) {
    String text = path.toString();
    if (text.chars().allMatch(c -> c < 0x80)) {
      return text;
    }
    String escaped = path.toUri().getRawPath();
    byte[] raw = new byte[escaped.length()];
    int length = 0;
    for (int at = 0; at < escaped.length(); at++) {
      if (escaped.charAt(at) == '%') {
        raw[length++] = (byte) HexFormat.fromHexDigits(escaped, at + 1, at + 3);
        at += 2;
      } else {
        raw[length++] = (byte) escaped.charAt(at);
      }
    }
    boolean directory = length > 1 && raw[length - 1] == '/';
    return of(raw, 0, directory ? length - 1 : length);
  }

  static byte[] bytes(String raw) {
    return raw.getBytes(StandardCharsets.ISO_8859_1);
  }

  /** For people, who mostly write UTF-8. */
  static String shown(String raw) {
    return new String(bytes(raw), StandardCharsets.UTF_8);
  }

  /**
   * The path relative to the layer's root, without empty and {@code .} components; empty is the
   * root itself.
   */
  static String normalised(String raw) throws LayerRefusedException {
    if (raw.startsWith("/")) {
      throw new LayerRefusedException(
          Reason.ESCAPE, "entry '" + shown(raw) + "' has an absolute path");
    }
    if (raw.indexOf('\0') >= 0) {
      throw LayerRefusedException.malformed("entry '" + shown(raw) + "' has a zero in its path");
    }
    if (isNormal(raw)) {
      return raw;
    }
    List<String> kept = new ArrayList<>();
    for (String component : raw.split("/", -1)) {
      if (component.equals("..")) {
        throw new LayerRefusedException(
            Reason.ESCAPE, "entry '" + shown(raw) + "' has '..' in its path");
      }
      if (!component.isEmpty() && !component.equals(".")) {
        kept.add(component);
      }
    }
    return String.join("/", kept);
  }

  /** Most paths are; this looks at them without making a list of their components. */
  private static boolean isNormal(String raw) {
    return !raw.isEmpty()
        && raw.charAt(0) != '.'
        && raw.charAt(raw.length() - 1) != '/'
        && !raw.contains("//")
        && !raw.contains("/.");
  }

  /** The path of the directory that holds this one; empty for what is in the root. */
  static String parent(String path) {
    int slash = path.lastIndexOf('/');
    return slash < 0 ? "" : path.substring(0, slash);
  }

  /** The last component. */
  static String last(String path) {
    return path.substring(path.lastIndexOf('/') + 1);
  }
}
