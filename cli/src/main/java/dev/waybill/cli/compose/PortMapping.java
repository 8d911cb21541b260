package dev.waybill.cli.compose;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A port as {@code [ADDRESS:][HOST:]CONTAINER[/PROTOCOL]}. */
public record PortMapping(String address, int host, int container, String protocol) {
  private static final Pattern FORM =
      Pattern.compile("(?:(?:([0-9.]+):)?(\\d{0,5}):)?(\\d{1,5})(?:/(tcp|udp))?");

  /**
   * @throws IllegalArgumentException if it is none
   */
  public static PortMapping parse(String text) {
    Matcher form = FORM.matcher(text);
    if (!form.matches()) {
      throw new IllegalArgumentException(
          "'" + text + "' is no port, write it like 8080:80, 127.0.0.1:8080:80 or 53:53/udp");
    }
    String host = form.group(2);
    return new PortMapping(
        form.group(1) == null ? "" : form.group(1),
        host == null || host.isEmpty() ? 0 : Integer.parseInt(host),
        Integer.parseInt(form.group(3)),
        form.group(4) == null ? "tcp" : form.group(4));
  }

  /** Fills a request's port. */
  public void into(ObjectNode port) {
    port.put("hostAddress", address)
        .put("hostPort", host)
        .put("containerPort", container)
        .put("protocol", protocol);
  }
}
