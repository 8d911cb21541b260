package dev.waybill.oci.image;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What machine an image runs on.
 *
 * @param os as Go names it, for example {@code linux}
 * @param architecture as Go names it, for example {@code amd64}
 * @param variant of the architecture, for example {@code v7} of {@code arm}
 * @param osVersion of the operating system; only some images have it
 */
public record Platform(
    String os, String architecture, @Nullable String variant, @Nullable String osVersion) {
  public static final Platform LINUX_AMD64 = of("linux", "amd64");
  public static final Platform LINUX_ARM64 = of("linux", "arm64");

  public Platform {
    if (os.isEmpty() || architecture.isEmpty()) {
      throw new IllegalArgumentException(
          "a platform needs an os and an architecture: '" + os + "/" + architecture + "'");
    }
  }

  /** A platform without variant and version. */
  public static Platform of(String os, String architecture) {
    return new Platform(os, architecture, null, null);
  }

  /** Reads {@code os/architecture[/variant]}. */
  public static Platform parse(String text) {
    List<String> parts = List.of(text.split("/", -1));
    if (parts.size() < 2 || parts.size() > 3) {
      throw new IllegalArgumentException(
          "not a platform, expected os/architecture[/variant]: '" + text + "'");
    }
    return new Platform(
        parts.get(0),
        normalArchitecture(parts.get(1)),
        parts.size() == 3 ? parts.get(2) : null,
        null);
  }

  /** The Linux platform whose architecture the Java property {@code os.arch} names so. */
  public static Platform linux(String javaArchitecture) {
    return of("linux", normalArchitecture(javaArchitecture));
  }

  private static String normalArchitecture(String name) {
    return switch (name) {
      case "x86_64", "x86-64" -> "amd64";
      case "aarch64" -> "arm64";
      case "armhf", "armel" -> "arm";
      case "i386" -> "386";
      default -> name;
    };
  }

  /** Whether an image for {@code offered} is exactly for this platform. */
  boolean isExactly(Platform offered) {
    return isFamilyOf(offered) && normalVariant().equals(offered.normalVariant());
  }

  /** Whether an image for {@code offered} runs on this platform: an older variant of ARM does. */
  public boolean runs(Platform offered) {
    return isExactly(offered)
        || isFamilyOf(offered)
            && architecture.equals("arm")
            && offered.normalVariant().compareTo(normalVariant()) < 0;
  }

  private boolean isFamilyOf(Platform offered) {
    return os.equals(offered.os) && architecture.equals(offered.architecture);
  }

  String normalVariant() {
    if (variant != null && !variant.isEmpty()) {
      return architecture.equals("arm64") && variant.equals("v8") ? "" : variant;
    }
    return architecture.equals("arm") ? "v7" : "";
  }

  @Override
  public String toString() {
    return os + "/" + architecture + (variant == null || variant.isEmpty() ? "" : "/" + variant);
  }
}
