package dev.waybill.nativerunner.network;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * One rule of nf_tables: expressions that are evaluated in order, each of which may end the rule.
 * The text says the same as `nft list ruleset` would.
 */
final class Rule {
  private static final int REGISTER = 1;
  private static final int SECOND_REGISTER = 2;
  private static final int VERDICT_REGISTER = 0;
  private static final int EQUAL = 0;
  private static final int NOT_EQUAL = 1;
  private static final int NETWORK_HEADER = 1;
  private static final int TRANSPORT_HEADER = 2;
  private static final int INTERFACE_NAME_BYTES = 16;
  private static final int DESTINATION_NAT = 32;
  private static final int LOCAL_ADDRESS = 2;
  private static final int SOURCE_OFFSET = 12;
  private static final int DESTINATION_OFFSET = 16;

  private final String chain;
  private final Message expressions = Message.part();
  private final List<String> words = new ArrayList<>();

  Rule(String chain) {
    this.chain = chain;
  }

  private void add(String name, Message data) {
    expressions.nested(1, Message.part().text(1, name).nested(2, data));
  }

  private void compare(int operation, byte[] value) {
    add(
        "cmp",
        Message.part()
            .networkOrder(1, REGISTER)
            .networkOrder(2, operation)
            .nested(3, Message.part().attribute(1, value)));
  }

  private static byte[] host(int value) {
    return ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.nativeOrder()).putInt(value).array();
  }

  private Rule interfaceName(String word, int key, String name, int operation) {
    add("meta", Message.part().networkOrder(2, key).networkOrder(1, REGISTER));
    byte[] padded = new byte[INTERFACE_NAME_BYTES];
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    System.arraycopy(bytes, 0, padded, 0, bytes.length);
    compare(operation, padded);
    words.add(word + (operation == EQUAL ? " " : " != ") + name);
    return this;
  }

  Rule comesFrom(String link) {
    return interfaceName("iifname", 6, link, EQUAL);
  }

  Rule comesNotFrom(String link) {
    return interfaceName("iifname", 6, link, NOT_EQUAL);
  }

  Rule goesTo(String link) {
    return interfaceName("oifname", 7, link, EQUAL);
  }

  Rule goesNotTo(String link) {
    return interfaceName("oifname", 7, link, NOT_EQUAL);
  }

  private Rule address(String word, int offset, Ipv4 network) {
    add(
        "payload",
        Message.part()
            .networkOrder(1, REGISTER)
            .networkOrder(2, NETWORK_HEADER)
            .networkOrder(3, offset)
            .networkOrder(4, Integer.BYTES));
    and(network.maskBytes());
    compare(EQUAL, network.network().bytes());
    words.add("ip " + word + " " + network.network());
    return this;
  }

  private void and(byte[] mask) {
    add(
        "bitwise",
        Message.part()
            .networkOrder(1, REGISTER)
            .networkOrder(2, REGISTER)
            .networkOrder(3, Integer.BYTES)
            .nested(4, Message.part().attribute(1, mask))
            .nested(5, Message.part().attribute(1, new byte[Integer.BYTES])));
  }

  Rule from(Ipv4 network) {
    return address("saddr", SOURCE_OFFSET, network);
  }

  Rule to(Ipv4 network) {
    return address("daddr", DESTINATION_OFFSET, network);
  }

  /** The destination is an address of this host. */
  Rule toThisHost() {
    add("fib", Message.part().networkOrder(1, REGISTER).networkOrder(2, 3).networkOrder(3, 2));
    compare(EQUAL, host(LOCAL_ADDRESS));
    words.add("fib daddr type local");
    return this;
  }

  Rule port(Protocol protocol, int port) {
    add("meta", Message.part().networkOrder(2, 16).networkOrder(1, REGISTER));
    compare(EQUAL, new byte[] {(byte) protocol.number()});
    add(
        "payload",
        Message.part()
            .networkOrder(1, REGISTER)
            .networkOrder(2, TRANSPORT_HEADER)
            .networkOrder(3, 2)
            .networkOrder(4, Short.BYTES));
    compare(EQUAL, portBytes(port));
    words.add(protocol + " dport " + port);
    return this;
  }

  private static byte[] portBytes(int port) {
    return ByteBuffer.allocate(Short.BYTES).putShort((short) port).array();
  }

  /** The connection's destination was rewritten: it came through a published port. */
  Rule published() {
    add("ct", Message.part().networkOrder(1, REGISTER).networkOrder(2, 2));
    and(host(DESTINATION_NAT));
    compare(NOT_EQUAL, new byte[Integer.BYTES]);
    words.add("ct status dnat");
    return this;
  }

  private void load(int register, byte[] value) {
    add(
        "immediate",
        Message.part().networkOrder(1, register).nested(2, Message.part().attribute(1, value)));
  }

  Rule sendTo(Ipv4 address, int port) {
    load(REGISTER, address.bytes());
    load(SECOND_REGISTER, portBytes(port));
    add(
        "nat",
        Message.part()
            .networkOrder(1, 1)
            .networkOrder(2, 2)
            .networkOrder(3, REGISTER)
            .networkOrder(5, SECOND_REGISTER));
    words.add("dnat to " + address.address() + ":" + port);
    return this;
  }

  Rule masquerade() {
    add("masq", Message.part());
    words.add("masquerade");
    return this;
  }

  Rule accept() {
    return verdict(1, "accept");
  }

  Rule drop() {
    return verdict(0, "drop");
  }

  private Rule verdict(int code, String word) {
    verdict(Message.part().networkOrder(1, code));
    words.add(word);
    return this;
  }

  Rule jump(String target) {
    verdict(Message.part().networkOrder(1, -3).text(2, target));
    words.add("jump " + target);
    return this;
  }

  private void verdict(Message verdict) {
    add(
        "immediate",
        Message.part()
            .networkOrder(1, VERDICT_REGISTER)
            .nested(2, Message.part().nested(2, verdict)));
  }

  String chain() {
    return chain;
  }

  Message expressions() {
    return expressions;
  }

  @Override
  public String toString() {
    return chain + ": " + String.join(" ", words);
  }
}
