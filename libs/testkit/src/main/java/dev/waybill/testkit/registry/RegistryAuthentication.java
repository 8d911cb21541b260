package dev.waybill.testkit.registry;

import dev.waybill.oci.distribution.ErrorCode;
import java.io.IOException;
import java.util.Base64;
import java.util.Optional;

/** Asks for a password or a token where a fault says so. */
final class RegistryAuthentication {
  private static final String TOKEN = "loopback-token";

  private final FaultBox faults;
  private final String host;

  RegistryAuthentication(FaultBox faults, String host) {
    this.faults = faults;
    this.host = host;
  }

  /** Whether to go on; if not, the reply is sent. */
  boolean allows(Reply reply) throws IOException {
    String given = reply.header("Authorization").orElse("");
    Optional<Fault.BasicRequired> basic = faults.find(Fault.BasicRequired.class);
    if (basic.isPresent()
        && !given.equals(basicHeader(basic.get().user(), basic.get().password()))) {
      return refuse(reply, "Basic realm=\"loopback\"");
    }
    boolean token =
        faults.find(Fault.TokenRequired.class).isPresent()
            || faults.find(Fault.AnonymousTokenRequired.class).isPresent();
    if (token && !given.equals("Bearer " + TOKEN)) {
      return refuse(
          reply,
          "Bearer realm=\"http://"
              + host
              + "/token\",service=\"loopback\",scope=\"repository:any:pull\"");
    }
    return true;
  }

  private static boolean refuse(Reply reply, String challenge) throws IOException {
    reply.set("WWW-Authenticate", challenge);
    reply.error(401, ErrorCode.UNAUTHORIZED);
    return false;
  }

  /** The token service. */
  void token(Reply reply) throws IOException {
    Optional<Fault.TokenRequired> user = faults.find(Fault.TokenRequired.class);
    String given = reply.header("Authorization").orElse("");
    if (user.isPresent() && !given.equals(basicHeader(user.get().user(), user.get().password()))) {
      refuse(reply, "Basic realm=\"loopback tokens\"");
      return;
    }
    reply.json(200, "{\"token\":\"" + TOKEN + "\",\"expires_in\":300}");
  }

  private static String basicHeader(String user, String password) {
    return "Basic "
        + Base64.getEncoder().encodeToString(RegistryHandler.utf8(user + ":" + password));
  }
}
