package dev.waybill.nativerunner.cli;

import com.fasterxml.jackson.core.io.JsonStringEncoder;

/** Texts as JSON has them. */
final class JsonText {
  private JsonText() {}

  static String quote(String text) {
    return '"' + new String(JsonStringEncoder.getInstance().quoteAsString(text)) + '"';
  }
}
