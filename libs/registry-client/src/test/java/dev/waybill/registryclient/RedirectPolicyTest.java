package dev.waybill.registryclient;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;
import org.junit.jupiter.api.Test;

class RedirectPolicyTest {
  private static final Origin AWAY = Origin.of("registry.example");
  private static final Origin HERE = Origin.of("127.0.0.1:5000");

  private final RedirectPolicy policy =
      new RedirectPolicy(
          host ->
              switch (host) {
                case "cdn.example" -> List.of(InetAddress.getByName("192.0.2.7"));
                case "rebound.example" -> List.of(InetAddress.getByName("127.0.0.1"));
                case "169.254.169.254" -> List.of(InetAddress.getByName(host));
                default -> throw new UnknownHostException(host);
              });

  @Test
  void another_host_over_tls_is_fine() {
    assertThat(objection(AWAY, "https://cdn.example/x")).isEmpty();
  }

  @Test
  void a_registry_elsewhere_cannot_send_us_to_this_machine_or_its_link() {
    assertThat(objection(AWAY, "https://rebound.example/x")).contains("this machine");
    assertThat(objection(AWAY, "https://169.254.169.254/latest")).contains("this machine");
  }

  @Test
  void a_registry_on_this_machine_may_lead_to_it_but_not_to_its_link() {
    assertThat(objection(HERE, "http://127.0.0.1:5001/x")).isEmpty();
    assertThat(objection(HERE, "https://169.254.169.254/latest")).contains("its link");
    assertThat(objection(HERE, "http://169.254.169.254/latest")).contains("loopback address only");
  }

  @Test
  void tls_is_never_dropped() {
    assertThat(objection(Origin.overTls("127.0.0.1:5000"), "http://127.0.0.1:5001/x"))
        .contains("drops TLS");
    assertThat(objection(AWAY, "http://cdn.example/x")).contains("drops TLS");
    assertThat(objection(HERE, "http://cdn.example/x")).contains("loopback address only");
  }

  @Test
  void only_web_addresses_are_gone_to() {
    assertThat(objection(AWAY, "file:///etc/passwd")).contains("not an address");
    assertThat(objection(AWAY, "https://nowhere.example/x")).contains("no such host");
  }

  @Test
  void a_registry_on_this_machine_may_stay_on_it() {
    assertThat(objection(HERE, "http://127.0.0.1:6000/x")).isEmpty();
  }

  @Test
  void plain_http_is_spoken_on_the_loopback_address_alone() {
    assertThat(Origin.of("localhost:5000").base()).hasScheme("http");
    assertThat(Origin.of("127.0.0.9").base()).hasScheme("http");
    assertThat(Origin.of("127.evil.example").base()).hasScheme("https");
    assertThat(Origin.of("10.0.0.1:5000").base()).hasScheme("https");
  }

  private String objection(Origin origin, String target) {
    return policy.objection(origin, URI.create(target)).orElse("");
  }
}
