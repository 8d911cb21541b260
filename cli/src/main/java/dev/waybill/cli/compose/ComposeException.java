package dev.waybill.cli.compose;

/** A definition that can't be followed: what and where, as {@code FILE:LINE:COLUMN: what}. */
public final class ComposeException extends RuntimeException {
  ComposeException(String file, int line, int column, String what) {
    super("%s:%d:%d: %s".formatted(file, line, column, what));
  }
}
