package dev.waybill.nativerunner.cgroup;

import dev.waybill.oci.runtime.Resources;
import java.util.ArrayList;
import java.util.List;

/**
 * Which devices may be opened and made. Everything is refused first; then come the devices that
 * every container has, then the configuration's rules in their order. Version 2 has no list; see
 * {@link DeviceProgram}.
 */
record DeviceController() implements Controller {

  /**
   * One rule.
   *
   * @param type {@code a}, {@code b} or {@code c}
   * @param major -1 is any
   * @param minor -1 is any
   */
  record Rule(boolean allow, char type, long major, long minor, String access, String origin) {
    private String line() {
      return type == 'a' ? "a" : type + " " + any(major) + ":" + any(minor) + " " + access;
    }

    private static String any(long number) {
      return number < 0 ? "*" : Long.toString(number);
    }
  }

  private static final String EVERY = "(every container)";

  private static final List<Rule> BASE =
      List.of(
          new Rule(false, 'a', -1, -1, "rwm", EVERY),
          new Rule(true, 'c', -1, -1, "m", EVERY),
          new Rule(true, 'b', -1, -1, "m", EVERY),
          new Rule(true, 'c', 1, 3, "rwm", EVERY), // null
          new Rule(true, 'c', 1, 5, "rwm", EVERY), // zero
          new Rule(true, 'c', 1, 7, "rwm", EVERY), // full
          new Rule(true, 'c', 1, 8, "rwm", EVERY), // random
          new Rule(true, 'c', 1, 9, "rwm", EVERY), // urandom
          new Rule(true, 'c', 5, 0, "rwm", EVERY), // tty
          new Rule(true, 'c', 5, 2, "rwm", EVERY), // ptmx
          new Rule(true, 'c', 136, -1, "rwm", EVERY)); // terminals

  @Override
  public List<String> namesV1() {
    return List.of("devices");
  }

  @Override
  public String nameV2() {
    return "";
  }

  static List<Rule> rules(Resources resources) {
    List<Rule> rules = new ArrayList<>();
    // A first rule that refuses all is what BASE begins with anyway.
    boolean leading = true;
    List<Rule> own = new ArrayList<>();
    for (int i = 0; i < resources.devices().size(); i++) {
      Resources.DeviceRule rule = resources.devices().get(i);
      boolean all = rule.type().isEmpty() || rule.type().equals("a");
      if (leading && all && !rule.allow() && rule.major() == null && rule.minor() == null) {
        continue;
      }
      leading = false;
      own.addAll(expand(rule, "linux.resources.devices[" + i + "]"));
    }
    rules.addAll(BASE);
    rules.addAll(own);
    return rules;
  }

  private static List<Rule> expand(Resources.DeviceRule rule, String origin) {
    long major = rule.major() == null ? -1 : rule.major();
    long minor = rule.minor() == null ? -1 : rule.minor();
    String access = rule.access().isEmpty() ? "rwm" : rule.access();
    boolean all = rule.type().isEmpty() || rule.type().equals("a");
    if (!all) {
      char type = rule.type().charAt(0);
      return List.of(
          new Rule(rule.allow(), type == 'u' ? 'c' : type, major, minor, access, origin));
    }
    if (major < 0 && minor < 0 && access.length() == 3) {
      return List.of(new Rule(rule.allow(), 'a', -1, -1, "rwm", origin));
    }
    return List.of(
        new Rule(rule.allow(), 'c', major, minor, access, origin),
        new Rule(rule.allow(), 'b', major, minor, access, origin));
  }

  @Override
  public List<Setting> v1(Resources resources) {
    return rules(resources).stream()
        .map(r -> new Setting(r.allow() ? "devices.allow" : "devices.deny", r.line(), r.origin()))
        .toList();
  }

  @Override
  public List<Setting> v2(Resources resources) {
    return List.of();
  }
}
