package dev.waybill.noderunner.agent;

import com.google.protobuf.Message;
import dev.waybill.contracts.Topic;
import dev.waybill.contracts.assignment.AttachAssigned;
import dev.waybill.contracts.assignment.EndpointsAssigned;
import dev.waybill.contracts.assignment.PrefetchAssigned;
import dev.waybill.contracts.assignment.RemoveAssigned;
import dev.waybill.contracts.assignment.RestartAssigned;
import dev.waybill.contracts.assignment.RunAssigned;
import dev.waybill.contracts.assignment.SignalAssigned;
import dev.waybill.contracts.assignment.StopAssigned;
import dev.waybill.contracts.node.NodeHeartbeat;
import dev.waybill.contracts.node.NodeRegistered;
import dev.waybill.contracts.runner.v1.InfoRequest;
import dev.waybill.contracts.runner.v1.InfoResponse;
import dev.waybill.contracts.runner.v1.RemoveAllRequest;
import dev.waybill.eventlog.Cell;
import dev.waybill.eventlog.Cursor;
import dev.waybill.eventlog.Draft;
import dev.waybill.eventlog.Event;
import dev.waybill.eventlog.EventIds;
import dev.waybill.eventlog.EventLog;
import dev.waybill.eventlog.Lineage;
import dev.waybill.eventlog.Partition;
import dev.waybill.eventlog.Recorded;
import dev.waybill.eventlog.Writer;
import dev.waybill.kernel.IdSource;
import dev.waybill.noderunner.agent.ContainerActor.Order;
import dev.waybill.noderunner.agent.ContainerRecord.Phase;
import dev.waybill.noderunner.dns.DnsServer;
import dev.waybill.noderunner.dns.Names;
import dev.waybill.noderunner.runner.RunnerClient;
import dev.waybill.oci.layer.LayerEntry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** Follows this node's assignments and hands each container's to its actor. */
public final class NodeAgent implements NodeParts, AutoCloseable {
  private static final Duration TURN = Duration.ofMillis(500);
  private static final Duration PLANNED_STOP_GRACE = Duration.ofSeconds(10);
  private static final Duration BETWEEN_HEARTBEATS = Duration.ofSeconds(2);
  private static final long BETWEEN_DISK_LOOKS = 60;

  private final Setup setup;
  private final RecordStore records;
  private final Journal journal;
  private final Writer heartbeats;
  private final NodeNetworks networks;
  private final HostPorts ports;
  private final Names names;
  private final AssignmentPosition position;
  private final Cursor cursor;
  private final Partition partition;
  private final Actors actors = new Actors();
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(Thread.ofPlatform().name("node-timer").factory());
  private final CountDownLatch stopping = new CountDownLatch(1);
  private final Thread thread;
  private volatile boolean following = true;

  /**
   * What an agent is made of.
   *
   * @param directory the agent's own, kept over restarts
   * @param completion fills in what the host itself can't tell: labels and the stream endpoint
   * @param report told the container or part, and what went wrong
   */
  public record Setup(
      String nodeId,
      Cell cell,
      EventLog log,
      InstantSource clock,
      IdSource ids,
      RunnerClient runner,
      Images images,
      DnsServer dns,
      Names names,
      Path directory,
      String instance,
      UnaryOperator<NodeRegistered.Builder> completion,
      BiConsumer<String, Throwable> report) {}

  private final DiskWatch disk;
  private final Preparation preparation;
  private final Prefetches prefetches;

  public NodeAgent(Setup setup) throws IOException {
    this.setup = setup;
    this.records = new RecordStore(setup.directory().resolve("containers"));
    List<ContainerRecord> kept = records.all();
    Set<String> ids = kept.stream().map(ContainerRecord::id).collect(Collectors.toSet());
    String source = setup.cell().source("nodes/" + setup.nodeId());
    this.journal = new Journal(setup.log(), source, setup.clock(), ids);
    this.disk =
        new DiskWatch(setup.images().eviction(), actors, journal, setup.ids(), setup.nodeId());
    this.preparation = setup.images().preparation("/waybill-" + setup.instance(), disk::makeRoom);
    this.prefetches =
        new Prefetches(setup.images().cache(), journal, setup.nodeId(), setup.report());
    this.heartbeats = setup.log().openWriter(source + "/heartbeats", Set.of(Topic.HEARTBEATS));
    this.names = setup.names();
    this.networks = new NodeNetworks(setup.runner(), setup.dns(), setup.instance());
    this.ports = new HostPorts(setup.runner());
    this.partition = new Partition(Topic.ASSIGNMENTS, setup.cell().partitionOfNode(setup.nodeId()));
    this.position = new AssignmentPosition(setup.directory());
    // Names are not kept on disk: the whole partition is read for them, the rest is passed over.
    this.cursor = setup.log().open(Map.of(partition, 0L));
    kept.forEach(record -> startActor(record, false).tell(new Order.Begin()));
    register(kept);
    timer.scheduleAtFixedRate(this::beat, 0, BETWEEN_HEARTBEATS.toMillis(), TimeUnit.MILLISECONDS);
    timer.scheduleWithFixedDelay(this::lookAtDisk, 0, BETWEEN_DISK_LOOKS, TimeUnit.SECONDS);
    this.thread = Thread.ofPlatform().name("node-agent").start(this::follow);
  }

  private void register(List<ContainerRecord> kept) {
    InfoResponse host = setup.runner().containers().info(InfoRequest.getDefaultInstance());
    NodeRegistered.Builder registered =
        NodeRegistered.newBuilder()
            .setNodeId(setup.nodeId())
            .setKernel(host.getKernel())
            .setCgroups(host.getCgroups())
            .addAllLacks(host.getMissingCapabilitiesList());
    registered
        .getCapacityBuilder()
        .setCpuMillis(host.getCpus() * 1000L)
        .setMemoryBytes(host.getMemoryBytes());
    kept.stream()
        .filter(record -> record.phase() == Phase.RUNNING)
        .map(ContainerRecord::id)
        .forEach(registered::addRunning);
    journal.note(setup.ids().next(), setup.completion().apply(registered).build());
  }

  private void beat() {
    try {
      int running = actors.running();
      String id = setup.ids().next();
      NodeHeartbeat beat =
          NodeHeartbeat.newBuilder()
              .setNodeId(setup.nodeId())
              .setRunning(Math.toIntExact(running))
              .build();
      heartbeats.append(
          List.of(
              Draft.fact(
                  id, beat, setup.clock().instant(), Lineage.origin(id, "system/node", null))));
    } catch (RuntimeException e) {
      // A lost beat is no harm; the next one comes in a moment.
      setup.report().accept("heartbeat", e);
    }
  }

  private void lookAtDisk() {
    try {
      disk.look();
    } catch (IOException | RuntimeException e) {
      // The next look comes in a minute; a start that finds the disk full makes room by itself.
      setup.report().accept("images", e);
    }
  }

  private void follow() {
    try {
      while (following && stopping.getCount() > 0) {
        for (Recorded recorded : cursor.poll(TURN)) {
          take(recorded);
        }
        position.advance(cursor.position(partition));
      }
    } catch (RuntimeException e) {
      if (stopping.getCount() > 0) {
        setup.report().accept("assignments", e);
      }
    }
  }

  private void take(Recorded recorded) {
    Event event = recorded.event();
    if (event.payload().orElse(null) instanceof EndpointsAssigned e && isOurs(e.getNodeId())) {
      names.set(e.getNetwork(), e.getName(), e.getAddressesList());
    } else if (recorded.offset() >= position.next()) {
      order(recorded.offset(), event);
    }
  }

  private void order(long offset, Event event) {
    switch (event.payload().orElse(null)) {
      case RunAssigned e when isOurs(e.getNodeId()) -> run(e, event);
      case AttachAssigned e when isOurs(e.getNodeId()) ->
          tell(e.getContainerId(), new Order.Attach(e), offset);
      case PrefetchAssigned e when isOurs(e.getNodeId()) ->
          prefetches.begin(e, event, lineage(event));
      case StopAssigned e when isOurs(e.getNodeId()) ->
          tell(e.getContainerId(), new Order.Stop(e.getGraceMs()), offset);
      case SignalAssigned e when isOurs(e.getNodeId()) ->
          Signals.number(e.getSignal())
              .ifPresent(number -> tell(e.getContainerId(), new Order.Signal(number), offset));
      case RestartAssigned e when isOurs(e.getNodeId()) ->
          tell(e.getContainerId(), new Order.Restart(event.id(), lineage(event)), offset);
      case RemoveAssigned e when isOurs(e.getNodeId()) ->
          tell(e.getContainerId(), new Order.Remove(event.id(), lineage(event)), offset);
      case null, default -> {
        // Another node's, or of a kind that this build doesn't know.
      }
    }
  }

  private boolean isOurs(String nodeId) {
    return nodeId.equals(setup.nodeId());
  }

  private static Lineage lineage(Event event) {
    return Lineage.causedBy(event)
        .withTraceparent(EventIds.traceparent(event.lineage().traceparent(), event.id()));
  }

  /** An order that comes again finds its record and changes nothing. */
  private void run(RunAssigned order, Event event) {
    String id = order.getContainerId();
    if (actors.find(id).isPresent() || position.isBuried(id)) {
      return;
    }
    var record =
        new ContainerRecord(order, event.id(), lineage(event), null, Phase.STARTING, 0, false, -1);
    records.keep(record);
    startActor(record, true).tell(new Order.Begin());
  }

  private ContainerActor startActor(ContainerRecord record, boolean fresh) {
    var actor = new ContainerActor(this, record, fresh);
    actors.put(actor);
    Thread.ofVirtual().name("container-" + record.id()).start(actor::run);
    return actor;
  }

  private void tell(String containerId, Order order, long offset) {
    actors.find(containerId).ifPresent(actor -> actor.tell(order, offset));
  }

  /** Waits until the container is on this node; false if it doesn't come within that time. */
  public boolean appears(String containerId, Duration within) throws InterruptedException {
    return actors.awaitPresence(containerId, within);
  }

  /** Its program runs, as far as was reported. */
  public boolean runs(String containerId) {
    return actors
        .find(containerId)
        .map(actor -> actor.record().phase() == Phase.RUNNING)
        .orElse(false);
  }

  /** It will give no more output unless it is started again. */
  public boolean ended(String containerId) {
    return actors
        .find(containerId)
        .map(actor -> actor.record().phase() == Phase.ENDED)
        .orElse(true);
  }

  /**
   * What a container wrote beside its volumes, as a layer; its files are read when the layer is
   * written.
   *
   * @param notAfter later times of change are set back to this
   */
  public List<LayerEntry> changes(String containerId, Instant notAfter) throws IOException {
    return preparation.changes(containerId, records.directory(containerId), notAfter);
  }

  /** Reports the run of a command, which no order on the log asked for. */
  public void note(Message event) {
    journal.note(setup.ids().next(), event);
  }

  @Override
  public String nodeId() {
    return setup.nodeId();
  }

  @Override
  public RunnerClient runner() {
    return setup.runner();
  }

  @Override
  public Preparation preparation() {
    return preparation;
  }

  @Override
  public NodeNetworks networks() {
    return networks;
  }

  @Override
  public HostPorts ports() {
    return ports;
  }

  @Override
  public Journal journal() {
    return journal;
  }

  @Override
  public RecordStore records() {
    return records;
  }

  @Override
  public AssignmentPosition position() {
    return position;
  }

  @Override
  public IdSource ids() {
    return setup.ids();
  }

  @Override
  public Path logFile(String containerId) {
    return records.directory(containerId).resolve("log");
  }

  @Override
  public void later(Duration delay, Runnable task) {
    timer.schedule(task, delay.toMillis(), TimeUnit.MILLISECONDS);
  }

  @Override
  public boolean stopping() {
    return stopping.getCount() == 0;
  }

  @Override
  public boolean stopsWithin(Duration time) {
    try {
      return stopping.await(time.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return true;
    }
  }

  @Override
  public void forget(String containerId) {
    actors.remove(containerId);
  }

  @Override
  public void changed() {
    actors.changed();
  }

  @Override
  public void failed(String containerId, Exception error) {
    setup.report().accept(containerId, error);
  }

  /**
   * Ends all containers for a planned stop of the node, and takes its networks off the host. Orders
   * that come meanwhile are left for the next start.
   */
  public void stopContainers() throws InterruptedException {
    endFollowing();
    actors.all().forEach(actor -> actor.tell(new Order.Stop(PLANNED_STOP_GRACE.toMillis())));
    actors.awaitQuiet(PLANNED_STOP_GRACE.plusSeconds(5));
    setup.runner().networks().removeAll(RemoveAllRequest.getDefaultInstance());
  }

  private void endFollowing() throws InterruptedException {
    following = false;
    cursor.wakeup();
    thread.join();
  }

  /** Ends the agent; containers go on. */
  @Override
  public void close() {
    stopping.countDown();
    timer.shutdownNow();
    cursor.wakeup();
    try {
      thread.join();
      actors.all().forEach(actor -> actor.tell(new Order.Leave()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      cursor.close();
      prefetches.close();
      journal.close();
      heartbeats.close();
    }
  }
}
