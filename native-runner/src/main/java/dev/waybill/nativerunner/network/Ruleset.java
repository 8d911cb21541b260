package dev.waybill.nativerunner.network;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * All rules of a runner, as one table. Pure: bridges and published ports in, rules out.
 *
 * <p>Connections to a published port are sent on in {@code prerouting} (from outside) and {@code
 * output} (from the host itself, 127.0.0.1 included). {@code postrouting} hides containers behind
 * the host where they go out, and hides whoever reaches a container over a published port where the
 * answer would otherwise miss the way back: the host's loopback, and neighbours on the same bridge.
 * {@code forward} keeps networks apart.
 */
final class Ruleset {
  private static final int SUBSYSTEM = 10;
  private static final int NEW_TABLE = SUBSYSTEM << 8;
  private static final int DELETE_TABLE = SUBSYSTEM << 8 | 2;
  private static final int NEW_CHAIN = SUBSYSTEM << 8 | 3;
  private static final int NEW_RULE = SUBSYSTEM << 8 | 6;
  private static final int BATCH_BEGIN = 0x10;
  private static final int BATCH_END = 0x11;
  private static final int IPV4 = 2;
  private static final int ACCEPT = 1;
  private static final Ipv4 LOOPBACK = Ipv4.parse("127.0.0.0/8");

  /** A chain that the kernel calls; hook -1 for one that only rules call. */
  private record Chain(String name, String type, int hook, int priority) {}

  private static final List<Chain> CHAINS =
      List.of(
          new Chain("apart", "", -1, 0),
          new Chain("prerouting", "nat", 0, -100),
          new Chain("output", "nat", 3, -100),
          new Chain("postrouting", "nat", 4, 100),
          new Chain("forward", "filter", 2, 0));

  private final String table;
  private final List<Rule> rules = new ArrayList<>();

  private Ruleset(String table) {
    this.table = table;
  }

  static Ruleset of(String table, List<BridgeNetwork> bridges, List<PublishedPort> ports) {
    Ruleset ruleset = new Ruleset(table);
    for (String chain : List.of("prerouting", "output")) {
      ports.forEach(p -> ruleset.rules.add(sendOn(chain, p)));
    }
    for (BridgeNetwork b : bridges) {
      Ipv4 network = b.address().network();
      ruleset.rules.add(new Rule("postrouting").from(LOOPBACK).goesTo(b.name()).masquerade());
      ruleset.rules.add(
          new Rule("postrouting").from(network).goesTo(b.name()).published().masquerade());
      if (b.masquerade() && !b.internal()) {
        ruleset.rules.add(new Rule("postrouting").from(network).goesNotTo(b.name()).masquerade());
      }
    }
    ruleset.keepApart(bridges);
    return ruleset;
  }

  private static Rule sendOn(String chain, PublishedPort p) {
    Rule rule = new Rule(chain).port(p.protocol(), p.hostPort());
    if (p.onEveryAddress()) {
      rule.toThisHost();
    } else {
      rule.to(Ipv4.parse(p.hostIp()));
    }
    return rule.sendTo(Ipv4.parse(p.containerIp()), p.containerPort());
  }

  private void keepApart(List<BridgeNetwork> bridges) {
    for (BridgeNetwork b : bridges) {
      if (b.internal()) {
        rules.add(new Rule("forward").comesFrom(b.name()).goesNotTo(b.name()).drop());
        rules.add(new Rule("forward").comesNotFrom(b.name()).goesTo(b.name()).drop());
      }
    }
    rules.add(new Rule("forward").published().accept());
    for (BridgeNetwork b : bridges) {
      rules.add(new Rule("forward").comesFrom(b.name()).goesTo(b.name()).accept());
      rules.add(new Rule("forward").comesFrom(b.name()).jump("apart"));
      rules.add(new Rule("apart").goesTo(b.name()).drop());
    }
  }

  private static Message netfilter(int type, int flags) {
    return new Message(type, flags).fixed(IPV4, 0, 0, 0);
  }

  private static Message batch(int type) {
    return new Message(type, 0).fixed(0, 0, 0, SUBSYSTEM);
  }

  private Message tableMessage(int type, int flags) {
    return netfilter(type, flags).text(1, table);
  }

  /** The transaction that puts this table in the place of the one that is there. */
  List<Message> replace() {
    List<Message> messages = remove();
    Message end = messages.removeLast();
    messages.add(tableMessage(NEW_TABLE, Message.CREATE));
    CHAINS.forEach(c -> messages.add(chainMessage(c)));
    rules.forEach(r -> messages.add(ruleMessage(r)));
    messages.add(tableMessage(NEW_TABLE, Message.ACK | Message.CREATE));
    messages.add(end);
    return messages;
  }

  /** The transaction that removes the table; it is made first, so that its absence is no error. */
  List<Message> remove() {
    List<Message> messages = new ArrayList<>();
    messages.add(batch(BATCH_BEGIN));
    messages.add(tableMessage(NEW_TABLE, Message.CREATE));
    messages.add(tableMessage(DELETE_TABLE, Message.ACK));
    messages.add(batch(BATCH_END));
    return messages;
  }

  private Message chainMessage(Chain chain) {
    Message message = netfilter(NEW_CHAIN, Message.CREATE).text(1, table).text(3, chain.name());
    if (chain.hook() < 0) {
      return message;
    }
    return message
        .nested(4, Message.part().networkOrder(1, chain.hook()).networkOrder(2, chain.priority()))
        .networkOrder(5, ACCEPT)
        .text(7, chain.type());
  }

  private Message ruleMessage(Rule rule) {
    return netfilter(NEW_RULE, Message.CREATE | Message.APPEND)
        .text(1, table)
        .text(2, rule.chain())
        .nested(4, rule.expressions());
  }

  /** One rule a line. */
  @Override
  public String toString() {
    return rules.stream().map(Rule::toString).collect(Collectors.joining("\n", "", "\n"));
  }
}
