package dev.waybill.oci.distribution;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.TreeMap;

/**
 * Takes a {@code WWW-Authenticate} value apart: {@code scheme name="value", name=value, scheme …}.
 * A comma separates both parameters and challenges, so a token is a parameter's name exactly if an
 * equals sign follows it.
 */
final class ChallengeParser {
  private final String text;
  private int at;

  ChallengeParser(String text) {
    this.text = text;
  }

  List<AuthChallenge> parse() {
    List<AuthChallenge> found = new ArrayList<>();
    skipSeparators();
    while (at < text.length()) {
      String scheme = token();
      if (scheme.isEmpty()) {
        return found; // Not a header at all: what was understood so far is what there is.
      }
      add(found, scheme, parameters());
      skipSeparators();
    }
    return found;
  }

  private static void add(
      List<AuthChallenge> found, String scheme, TreeMap<String, String> parameters) {
    String realm = parameters.getOrDefault("realm", "");
    if (scheme.equalsIgnoreCase("basic")) {
      found.add(new AuthChallenge.Basic(realm));
    } else if (scheme.equalsIgnoreCase("bearer") && !realm.isEmpty()) {
      found.add(
          new AuthChallenge.Bearer(realm, parameters.get("service"), parameters.get("scope")));
    }
  }

  private TreeMap<String, String> parameters() {
    TreeMap<String, String> found = new TreeMap<>();
    while (true) {
      int before = at;
      skipSeparators();
      String name = token();
      skipSpaces();
      if (name.isEmpty() || at >= text.length() || text.charAt(at) != '=') {
        at = before; // The next challenge begins here.
        return found;
      }
      at++;
      skipSpaces();
      found.put(name.toLowerCase(Locale.ROOT), value());
    }
  }

  private String value() {
    return at < text.length() && text.charAt(at) == '"' ? quoted() : token();
  }

  private String quoted() {
    StringBuilder value = new StringBuilder();
    at++;
    while (at < text.length() && text.charAt(at) != '"') {
      if (text.charAt(at) == '\\' && at + 1 < text.length()) {
        at++;
      }
      value.append(text.charAt(at++));
    }
    at = Math.min(at + 1, text.length());
    return value.toString();
  }

  private String token() {
    int start = at;
    while (at < text.length() && isToken(text.charAt(at))) {
      at++;
    }
    return text.substring(start, at);
  }

  private static boolean isToken(char c) {
    return c > ' ' && c < 127 && "\"(),;<=>?@[]{}\\".indexOf(c) < 0;
  }

  private void skipSpaces() {
    while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\t')) {
      at++;
    }
  }

  private void skipSeparators() {
    while (at < text.length() && " \t,".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
  }
}
