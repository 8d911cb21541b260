package dev.waybill.contracts.tags;

import java.util.Comparator;

/**
 * As people sort names with numbers in them: {@code build-9} before {@code build-10}. Names that
 * differ only in leading zeros are told apart by their text, so the order is total.
 */
enum NaturalOrder implements Comparator<String> {
  INSTANCE;

  @Override
  public int compare(String one, String other) {
    int i = 0;
    int j = 0;
    while (i < one.length() && j < other.length()) {
      int left = end(one, i);
      int right = end(other, j);
      int difference =
          isDigit(one.charAt(i)) && isDigit(other.charAt(j))
              ? numbers(one.substring(i, left), other.substring(j, right))
              : Character.compare(one.charAt(i), other.charAt(j));
      if (difference != 0) {
        return difference;
      }
      i = left;
      j = right;
    }
    int rest = Integer.compare(one.length() - i, other.length() - j);
    return rest == 0 ? one.compareTo(other) : rest;
  }

  /** The end of the run of digits at {@code from}, or of the one character there. */
  private static int end(String text, int from) {
    int end = from + 1;
    while (isDigit(text.charAt(from)) && end < text.length() && isDigit(text.charAt(end))) {
      end++;
    }
    return end;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  private static int numbers(String one, String other) {
    String left = one.replaceFirst("^0+(?=.)", "");
    String right = other.replaceFirst("^0+(?=.)", "");
    int length = Integer.compare(left.length(), right.length());
    return length == 0 ? left.compareTo(right) : length;
  }
}
