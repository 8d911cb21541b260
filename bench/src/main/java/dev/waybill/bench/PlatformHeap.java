package dev.waybill.bench;

import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryMXBean;
import java.lang.management.MemoryPoolMXBean;
import java.lang.management.MemoryType;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.management.MBeanServerConnection;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/**
 * The heap of another virtual machine on this host. Its growth is that of the old generation: the
 * young one is as large as it was made, and what lives through a collection of it and is more than
 * a few megabytes goes to the old one. What has died there counts too, until somebody collects, so
 * the peak is a bound and no measure.
 */
final class PlatformHeap implements AutoCloseable {
  private static final double MB = 1 << 20;

  private final long pid;
  private final JMXConnector connector;
  private final MemoryMXBean memory;
  private final MemoryPoolMXBean old;

  private PlatformHeap(long pid, JMXConnector connector) throws IOException {
    this.pid = pid;
    this.connector = connector;
    MBeanServerConnection beans = connector.getMBeanServerConnection();
    this.memory = ManagementFactory.getPlatformMXBean(beans, MemoryMXBean.class);
    this.old =
        ManagementFactory.getPlatformMXBeans(beans, MemoryPoolMXBean.class).stream()
            // The pools of the young generation have no threshold.
            .filter(pool -> pool.getType() == MemoryType.HEAP && pool.isUsageThresholdSupported())
            .findFirst()
            .orElseThrow();
  }

  @SuppressWarnings("BanJNDI") // The address is that of our own process, on the loopback address.
  static PlatformHeap of(long pid) throws IOException {
    try {
      VirtualMachine machine = VirtualMachine.attach(Long.toString(pid));
      try {
        String address = machine.startLocalManagementAgent();
        return new PlatformHeap(pid, JMXConnectorFactory.connect(new JMXServiceURL(address)));
      } finally {
        machine.detach();
      }
    } catch (AttachNotSupportedException e) {
      throw new IOException("cannot attach to process " + pid, e);
    }
  }

  /** What is measured. */
  interface Work {
    void run() throws IOException, InterruptedException;
  }

  /**
   * How much memory grew.
   *
   * @param peakMb the old generation at its largest, over what lived there before
   * @param keptMb the heap after a collection, over the heap after one before
   * @param residentMb the process at its largest, over what it had before: with its young
   *     generation, its threads and buffers outside of the heap
   */
  record Growth(double peakMb, double keptMb, double residentMb, double seconds) {}

  Growth during(Work work) throws IOException, InterruptedException {
    memory.gc();
    long usedBefore = memory.getHeapMemoryUsage().getUsed();
    long oldBefore = old.getUsage().getUsed();
    old.resetPeakUsage();
    // 5 begins the kernel's high-water mark anew.
    Files.writeString(Path.of("/proc/" + pid + "/clear_refs"), "5");
    double residentBefore = residentMb();
    long start = System.nanoTime();
    work.run();
    double seconds = (System.nanoTime() - start) / 1e9;
    double residentPeak = residentMb();
    long oldPeak = old.getPeakUsage().getUsed();
    memory.gc();
    long usedAfter = memory.getHeapMemoryUsage().getUsed();
    return new Growth(
        (oldPeak - oldBefore) / MB,
        (usedAfter - usedBefore) / MB,
        residentPeak - residentBefore,
        seconds);
  }

  private double residentMb() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/" + pid + "/status"))) {
      if (line.startsWith("VmHWM:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) / 1024.0;
      }
    }
    throw new IOException("no VmHWM of process " + pid);
  }

  @Override
  public void close() throws IOException {
    connector.close();
  }
}
