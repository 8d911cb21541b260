package dev.waybill.nativerunner.spec;

/**
 * One thing that is wrong with a configuration.
 *
 * @param path the member, such as {@code process.rlimits[2].type}
 * @param message what is wrong and what would be right
 */
public record Problem(String path, String message) {
  @Override
  public String toString() {
    return path.isEmpty() ? message : path + ": " + message;
  }
}
