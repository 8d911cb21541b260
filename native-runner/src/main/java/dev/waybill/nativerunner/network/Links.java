package dev.waybill.nativerunner.network;

import dev.waybill.nativerunner.sys.Errno;
import dev.waybill.nativerunner.sys.Fd;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/** Links, addresses and routes of the network namespace that the conversation is in. */
final class Links implements AutoCloseable {
  private static final int NEW_LINK = 16;
  private static final int DELETE_LINK = 17;
  private static final int GET_LINK = 18;
  private static final int NEW_ADDRESS = 20;
  private static final int NEW_ROUTE = 24;
  private static final int ATTR_ADDRESS = 1;
  private static final int ATTR_NAME = 3;
  private static final int ATTR_MTU = 4;
  private static final int ATTR_MASTER = 10;
  private static final int ATTR_LINK_INFO = 18;
  private static final int ATTR_NAMESPACE_FD = 28;
  private static final int UP = 1;
  private static final int AF_INET = 2;
  private static final int FIXED_BYTES = 16;

  /** The loopback link's number, in every namespace. */
  static final int LOOPBACK = 1;

  private final Conversation kernel;

  private Links(Conversation kernel) {
    this.kernel = kernel;
  }

  static Links open() throws IOException {
    return new Links(Conversation.open(Conversation.ROUTE));
  }

  /** struct ifinfomsg: family, type, index, flags, the flags that are meant. */
  private static Message link(Message message, int index, boolean up) {
    return message.fixed(0, 0, 0, 0).fixedInt(index).fixedInt(up ? UP : 0).fixedInt(up ? UP : 0);
  }

  /** Makes a bridge that is up, unless there is one of this name. */
  void ensureBridge(String name, int mtu, byte[] hardwareAddress) throws IOException {
    Message bridge =
        link(new Message(NEW_LINK, Message.ACK | Message.CREATE | Message.EXCLUSIVE), 0, true)
            .text(ATTR_NAME, name)
            .number(ATTR_MTU, mtu)
            .attribute(ATTR_ADDRESS, hardwareAddress)
            .nested(ATTR_LINK_INFO, Message.part().text(1, "bridge"));
    kernel.tryAsk(bridge, Set.of(Errno.EEXIST), "make bridge " + name);
  }

  /**
   * Makes a pair of links: one here, up and on a bridge; its peer in a namespace, down.
   *
   * @param peerIndex number that the peer gets there
   */
  void addPair(
      String name, int bridge, int mtu, String peer, int peerIndex, byte[] peerAddress, Fd space)
      throws IOException {
    Message other =
        link(Message.part(), peerIndex, false)
            .text(ATTR_NAME, peer)
            .number(ATTR_MTU, mtu)
            .attribute(ATTR_ADDRESS, peerAddress)
            .number(ATTR_NAMESPACE_FD, space.number());
    Message pair =
        link(new Message(NEW_LINK, Message.ACK | Message.CREATE | Message.EXCLUSIVE), 0, true)
            .text(ATTR_NAME, name)
            .number(ATTR_MTU, mtu)
            .number(ATTR_MASTER, bridge)
            .nested(
                ATTR_LINK_INFO,
                Message.part().text(1, "veth").nested(2, Message.part().nested(1, other)));
    kernel.ask(pair, "make link " + name + " with peer " + peer);
  }

  void setUp(int index) throws IOException {
    kernel.ask(link(new Message(NEW_LINK, Message.ACK), index, true), "set link up " + index);
  }

  /** Gives a link an address; one that it has already stays. */
  void addAddress(int index, Ipv4 address) throws IOException {
    Message message =
        new Message(NEW_ADDRESS, Message.ACK | Message.CREATE | Message.REPLACE)
            .fixed(AF_INET, address.prefix(), 0, 0)
            .fixedInt(index)
            .attribute(2, address.bytes())
            .attribute(1, address.bytes())
            .attribute(4, address.broadcast().bytes());
    kernel.ask(message, "add address " + address + " to link " + index);
  }

  void addDefaultRoute(int index, Ipv4 gateway) throws IOException {
    int main = 254;
    int isStatic = 4;
    int unicast = 1;
    Message message =
        new Message(NEW_ROUTE, Message.ACK | Message.CREATE | Message.REPLACE)
            .fixed(AF_INET, 0, 0, 0, main, isStatic, 0, unicast)
            .fixedInt(0)
            .attribute(5, gateway.bytes())
            .number(4, index);
    kernel.ask(message, "route by " + gateway.address());
  }

  /** Removes a link; false when there was none. */
  boolean delete(String name) throws IOException {
    Message message = link(new Message(DELETE_LINK, Message.ACK), 0, false).text(ATTR_NAME, name);
    return kernel.tryAsk(message, Set.of(Errno.ENODEV), "delete link " + name).number() == 0;
  }

  /** The number of a link; empty when there is none of this name. */
  OptionalInt index(String name) throws IOException {
    return list().stream().filter(l -> l.name().equals(name)).mapToInt(Link::index).findFirst();
  }

  /** One link. */
  record Link(int index, String name) {}

  List<Link> list() throws IOException {
    List<Link> links = new ArrayList<>();
    Message question = link(new Message(GET_LINK, Message.DUMP), 0, false);
    for (Conversation.Heard heard : kernel.dump(question, "list links")) {
      ByteBuffer body = heard.body();
      int index = body.getInt(4);
      int at = FIXED_BYTES;
      while (at + 4 <= body.limit()) {
        int length = body.getShort(at) & 0xffff;
        if (length < 4) {
          break;
        }
        if (body.getShort(at + 2) == ATTR_NAME) {
          byte[] name = new byte[length - 5];
          body.get(at + 4, name);
          links.add(new Link(index, new String(name, StandardCharsets.UTF_8)));
        }
        at += (length + 3) / 4 * 4;
      }
    }
    return links;
  }

  @Override
  public void close() {
    kernel.close();
  }
}
