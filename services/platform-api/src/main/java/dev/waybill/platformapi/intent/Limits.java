package dev.waybill.platformapi.intent;

import java.util.regex.Pattern;

/** Upper bounds of what a request may ask for. */
public final class Limits {
  /** Bytes of a request's body. */
  public static final int BODY_BYTES_MAX = 1024 * 1024;

  /** Bytes of a scanner's report. */
  public static final int REPORT_BYTES_MAX = 16 * 1024 * 1024;

  /** Containers of one workload. */
  static final int REPLICAS_MAX = 1_000;

  /** Entries of a list or map in a spec. */
  static final int ENTRIES_MAX = 1_000;

  static final int PORT_MAX = 65_535;
  static final Pattern NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9_.-]{0,62}");

  private Limits() {}
}
