package dev.waybill.image.access;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.waybill.image.catalog.Actor;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TokenServiceTest {
  private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
  private static final Actor ACTOR = new Actor("user/ci");

  private Instant now = START;
  private final TokenService tokens = new TokenService(new byte[32], () -> now);

  @Test
  void a_token_ends_after_its_lifetime() throws Exception {
    Caller caller = Caller.unlimited(ACTOR).limitedTo(Scope.parse("repository:a/b:pull,push"));
    String token = issue(caller);

    now = START.plus(TokenService.LIFETIME).minusSeconds(1);
    assertThat(tokens.verify(token)).contains(caller);
    now = START.plus(TokenService.LIFETIME);
    assertThat(tokens.verify(token)).isEmpty();
  }

  @Test
  void a_token_of_another_key_is_none() throws Exception {
    byte[] other = new byte[32];
    other[0] = 1;

    assertThat(new TokenService(other, () -> now).verify(issue(Caller.unlimited(ACTOR)))).isEmpty();
  }

  @Test
  void nobody_gets_more_than_they_have() {
    Caller puller = new Caller(ACTOR, Optional.of(Scope.parse("repository:a:pull")));

    assertThat(puller.limitedTo(Scope.parse("repository:a:pull repository:a:push")).scopes())
        .contains(List.of(Scope.of("a", Action.PULL)));
  }

  @Test
  void scopes_that_say_nothing_of_a_repository_are_left_out() {
    assertThat(Scope.parse("registry:catalog:* repository: repository:a repository:a:shout"))
        .isEmpty();
    assertThat(Scope.parse("repository:a:*"))
        .singleElement()
        .hasToString("repository:a:pull,push,delete");
  }

  private String issue(Caller caller) throws Exception {
    return new ObjectMapper().readTree(tokens.answer(caller)).path("token").textValue();
  }
}
