package dev.waybill.nativerunner.service;

import io.netty.channel.ChannelHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.unix.PeerCredentials;
import java.io.IOException;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Closes connections of anybody but root and one configured user: who speaks here rules the host.
 */
@ChannelHandler.Sharable
final class PeerCheck extends ChannelInboundHandlerAdapter {
  private static final Logger LOG = Logger.getLogger(PeerCheck.class.getName());

  private final int uid;

  PeerCheck(int uid) {
    this.uid = uid;
  }

  boolean allows(int peer) {
    return peer == 0 || peer == uid;
  }

  /** Closes the channel unless its peer is allowed; whether it is. */
  boolean admit(EpollDomainSocketChannel channel) {
    try {
      PeerCredentials peer = channel.peerCredentials();
      if (allows(peer.uid())) {
        return true;
      }
      LOG.warning("peer refused uid=" + peer.uid() + " pid=" + peer.pid());
    } catch (IOException e) {
      LOG.log(Level.WARNING, "peer refused, its credentials are not readable", e);
    }
    channel.unsafe().closeForcibly(); // it is not registered with a loop yet
    return false;
  }

  @Override
  public void channelRead(ChannelHandlerContext context, Object message) throws Exception {
    if (!(message instanceof EpollDomainSocketChannel channel) || admit(channel)) {
      super.channelRead(context, message);
    }
  }
}
