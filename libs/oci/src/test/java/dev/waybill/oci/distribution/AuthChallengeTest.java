package dev.waybill.oci.distribution;

import static org.assertj.core.api.Assertions.assertThat;

import dev.waybill.oci.distribution.AuthChallenge.Basic;
import dev.waybill.oci.distribution.AuthChallenge.Bearer;
import org.junit.jupiter.api.Test;

class AuthChallengeTest {
  @Test
  void a_token_challenge_keeps_commas_inside_quotes() {
    assertThat(
            AuthChallenge.parse(
                "Bearer realm=\"https://auth.example/t\",service=\"r\","
                    + "scope=\"repository:a/b:pull,push\""))
        .containsExactly(new Bearer("https://auth.example/t", "r", "repository:a/b:pull,push"));
  }

  @Test
  void several_challenges_in_one_header_are_told_apart_and_the_token_is_preferred() {
    var all =
        AuthChallenge.parse(
            "Negotiate, Basic realm=\"a \\\"b\\\"\", charset=UTF-8, bearer realm=http://x/t");

    assertThat(all).containsExactly(new Basic("a \"b\""), new Bearer("http://x/t", null, null));
    assertThat(AuthChallenge.preferred(all)).get().isInstanceOf(Bearer.class);
  }

  @Test
  void nonsense_gives_no_challenge() {
    assertThat(AuthChallenge.parse("")).isEmpty();
    assertThat(AuthChallenge.parse("=\"\"")).isEmpty();
    assertThat(AuthChallenge.parse("Bearer realm=")).isEmpty();
    assertThat(AuthChallenge.parse("Bearer realm=\"unclosed")).hasSize(1);
  }
}
