package dev.waybill.noderunner.edge;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.util.JsonFormat;
import dev.waybill.contracts.node.ExecEnded;
import dev.waybill.contracts.node.ExecStarted;
import dev.waybill.contracts.runner.v1.ExecRequest;
import dev.waybill.contracts.runner.v1.ExecResponse;
import dev.waybill.contracts.runner.v1.StateRequest;
import dev.waybill.contracts.runner.v1.StatsRequest;
import dev.waybill.contracts.runner.v1.WaitExitRequest;
import dev.waybill.kernel.Digest;
import dev.waybill.noderunner.agent.NodeAgent;
import dev.waybill.noderunner.runner.RunnerClient;
import dev.waybill.noderunner.stream.AttachSocket;
import io.grpc.StatusRuntimeException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import org.jboss.logging.Logger;

/** /node/v1: what only the node can give, for the platform's API. */
final class StreamEndpoints {
  private static final Logger LOG = Logger.getLogger(StreamEndpoints.class);

  /** The log may tell the API of a container a moment before it tells its node. */
  private static final Duration APPEARS_WITHIN = Duration.ofSeconds(5);

  private final NodeAgent agent;
  private final byte[] token;

  StreamEndpoints(NodeAgent agent, String token) {
    this.agent = agent;
    this.token = token.getBytes(StandardCharsets.UTF_8);
  }

  private interface Handler {
    void handle(RoutingContext context, String containerId) throws Exception;
  }

  void mount(Router router) {
    get(router, "logs", this::logs);
    get(router, "changes", (context, id) -> new ChangesStream(context, agent, id).send());
    get(router, "stats", this::stats);
    get(router, "exec", this::exec);
    get(router, "attach", this::attach);
    router.post("/node/v1/stop-containers").handler(this::stopContainers);
  }

  private void stopContainers(RoutingContext context) {
    if (!authenticated(context)) {
      context.response().setStatusCode(401).end("not authenticated");
      return;
    }
    Thread.ofVirtual()
        .name("stop-containers")
        .start(
            () -> {
              try {
                agent.stopContainers();
                context.response().end();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              } catch (RuntimeException e) {
                LOG.errorf(e, "containers could not all be stopped");
                refuse(context, 500, String.valueOf(e.getMessage()));
              }
            });
  }

  private void get(Router router, String what, Handler handler) {
    router
        .get("/node/v1/containers/:id/" + what)
        .handler(
            context -> {
              String id = Objects.requireNonNull(context.pathParam("id"));
              if (!authenticated(context)) {
                context.response().setStatusCode(401).end("not authenticated");
              } else {
                Thread.ofVirtual().name(what + "-" + id).start(() -> run(context, id, handler));
              }
            });
  }

  private boolean authenticated(RoutingContext context) {
    String header = context.request().getHeader("Authorization");
    String given = header != null && header.startsWith("Bearer ") ? header.substring(7) : "";
    return MessageDigest.isEqual(token, given.getBytes(StandardCharsets.UTF_8));
  }

  private void run(RoutingContext context, String id, Handler handler) {
    try {
      if (agent.appears(id, APPEARS_WITHIN)) {
        handler.handle(context, id);
      } else {
        refuse(context, 404, "no container " + id + " on this node");
      }
    } catch (StatusRuntimeException e) {
      refuse(context, 409, RunnerClient.message(e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (Exception e) {
      LOG.warnf(e, "stream failed container=%s", id);
      refuse(context, 500, String.valueOf(e.getMessage()));
    }
  }

  private static void refuse(RoutingContext context, int status, String message) {
    HttpServerResponse response = context.response();
    if (!response.headWritten()) {
      response.setStatusCode(status).end(message);
    } else if (!response.ended()) {
      response.reset();
    }
  }

  private void logs(RoutingContext context, String id) throws Exception {
    new LogStream(context, agent, agent.logFile(id), id).send();
  }

  private void stats(RoutingContext context, String id) throws InvalidProtocolBufferException {
    String json =
        JsonFormat.printer()
            .alwaysPrintFieldsWithNoPresence()
            .omittingInsignificantWhitespace()
            .print(agent.runner().containers().stats(StatsRequest.newBuilder().setId(id).build()));
    context.response().putHeader("Content-Type", "application/json").end(json);
  }

  private void exec(RoutingContext context, String id) {
    List<String> command = context.queryParam("command");
    if (command.isEmpty()) {
      refuse(context, 400, "exec needs a command");
      return;
    }
    if (!agent.runs(id)) {
      refuse(context, 409, "container " + id + " isn't running");
      return;
    }
    boolean tty = context.queryParam("tty").contains("true");
    ExecResponse started =
        agent
            .runner()
            .containers()
            .exec(
                ExecRequest.newBuilder()
                    .setId(id)
                    .addAllArgs(command)
                    .addAllEnv(context.queryParam("env"))
                    .setCwd(first(context, "workdir"))
                    .setUser(first(context, "user"))
                    .setTty(tty)
                    .setStdin(context.queryParam("stdin").contains("true"))
                    .setRows(size(context, "rows"))
                    .setColumns(size(context, "columns"))
                    .build());
    agent.note(
        ExecStarted.newBuilder()
            .setContainerId(id)
            .setNodeId(agent.nodeId())
            .setExecId(started.getExecId())
            .setProgram(command.getFirst())
            .setArgumentsDigest(
                Digest.of(String.join("\0", command).getBytes(StandardCharsets.UTF_8)).toString())
            .setActor("user/admin")
            .build());
    join(context, started.getAttachSocket(), () -> execEnded(id, started.getExecId()));
  }

  private void execEnded(String id, String execId) {
    int code =
        agent
            .runner()
            .waiting()
            .waitExit(WaitExitRequest.newBuilder().setId(id).setExecId(execId).build())
            .getExitCode();
    agent.note(
        ExecEnded.newBuilder()
            .setContainerId(id)
            .setNodeId(agent.nodeId())
            .setExecId(execId)
            .setExitCode(code)
            .build());
  }

  private static String first(RoutingContext context, String name) {
    List<String> values = context.queryParam(name);
    return values.isEmpty() ? "" : values.getFirst();
  }

  private static int size(RoutingContext context, String name) {
    String text = first(context, name);
    return text.matches("\\d{1,4}") ? Integer.parseInt(text) : 0;
  }

  private void attach(RoutingContext context, String id) {
    String socket =
        agent
            .runner()
            .containers()
            .state(StateRequest.newBuilder().setId(id).build())
            .getAttachSocket();
    join(context, socket, () -> {});
  }

  private static void join(RoutingContext context, String socket, Runnable afterwards) {
    context
        .request()
        .toWebSocket()
        .onFailure(error -> refuse(context, 400, "expected a WebSocket upgrade"))
        .onSuccess(
            client -> {
              client.pause(); // What comes before anybody takes it would be lost.
              Thread.ofVirtual().start(() -> pump(client, socket, afterwards));
            });
  }

  /** Frames of the socket are messages of the WebSocket: the stream's byte, then the payload. */
  private static void pump(ServerWebSocket client, String socket, Runnable afterwards) {
    try (var process = new AttachSocket(Path.of(socket))) {
      client.binaryMessageHandler(message -> toProcess(process, message));
      client.closeHandler(ignored -> closeQuietly(process));
      client.resume();
      for (var frame = process.read(); frame.isPresent(); frame = process.read()) {
        byte[] message = new byte[frame.get().payload().length + 1];
        message[0] = (byte) frame.get().stream();
        System.arraycopy(frame.get().payload(), 0, message, 1, message.length - 1);
        client
            .writeBinaryMessage(Buffer.buffer(message))
            .toCompletionStage()
            .toCompletableFuture()
            .join();
      }
      client.close();
    } catch (IOException | RuntimeException e) {
      LOG.debugf(e, "attached stream ended socket=%s", socket);
      client.close();
    } finally {
      afterwards.run();
    }
  }

  private static void toProcess(AttachSocket process, Buffer message) {
    if (message.length() == 0) {
      return;
    }
    try {
      process.write(message.getByte(0) & 0xFF, message.getBytes(1, message.length()));
    } catch (IOException e) {
      // The process is gone; the reading side sees the same and closes the client.
      LOG.debugf(e, "input after the end");
    }
  }

  private static void closeQuietly(AttachSocket process) {
    try {
      process.close();
    } catch (IOException e) {
      LOG.debugf(e, "attach socket close");
    }
  }
}
