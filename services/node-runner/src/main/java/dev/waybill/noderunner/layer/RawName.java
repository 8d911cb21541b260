package dev.waybill.noderunner.layer;

import dev.waybill.noderunner.layer.UnpackOutcome.Reason;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
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
