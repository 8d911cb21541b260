package dev.waybill.contracts.compatibility;

/**
 * One change after which old records or old clients are misread.
 *
 * @param where the full name of the file, message, enum or method
 * @param what what changed, and what to do instead, one line for people
 */
public record Breakage(String where, String what) {
  @Override
  public String toString() {
    return where + ": " + what;
  }
}
