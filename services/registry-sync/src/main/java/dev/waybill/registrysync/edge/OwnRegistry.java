package dev.waybill.registrysync.edge;

import dev.waybill.registryclient.Credentials.Login;
import dev.waybill.registryclient.RegistryConnection;
import dev.waybill.registryclient.Transport;
import java.net.URI;
import java.util.function.Supplier;

/**
 * The platform's own registry, which has every image that was pulled.
 *
 * @param address its base, asked for each time: a port may be known only once it listens
 */
record OwnRegistry(Supplier<URI> address, Login login) {
  RegistryConnection open(Transport transport) {
    return new RegistryConnection(transport, address.get(), login);
  }

  boolean isAt(String host) {
    return host.equals(address.get().getRawAuthority());
  }
}
