package dev.waybill.networking.discovery;

import java.util.Collection;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/** What names stand for. */
public final class Endpoints {
  private Endpoints() {}

  /** The addresses of the ready containers that carry {@code name} on {@code network}, sorted. */
  public static List<String> of(String network, String name, Collection<Attachment> attachments) {
    return attachments.stream()
        .filter(a -> a.ready() && a.network().equals(network) && a.names().contains(name))
        .map(Attachment::address)
        .filter(address -> !address.isEmpty())
        .sorted()
        .toList();
  }

  /** The nodes that have a container on {@code network}. */
  public static SortedSet<String> nodes(String network, Collection<Attachment> attachments) {
    var nodes = new TreeSet<String>();
    for (Attachment attachment : attachments) {
      if (attachment.network().equals(network) && !attachment.node().isEmpty()) {
        nodes.add(attachment.node());
      }
    }
    return nodes;
  }
}
