package dev.waybill.oci.runtime;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * Limits that cgroups enforce. What is absent is left as the kernel made it.
 *
 * @param devices rules, the later ones win
 * @param network class and priorities of packets, which only version 1 has
 * @param rdma limits of remote memory access, by device
 * @param unified files of cgroup v2 and their values, written as they are
 */
public record Resources(
    List<DeviceRule> devices,
    @Nullable Memory memory,
    @Nullable Cpu cpu,
    @Nullable Pids pids,
    @Nullable BlockIo blockIO,
    List<HugepageLimit> hugepageLimits,
    @Nullable Network network,
    SequencedMap<String, Rdma> rdma,
    SequencedMap<String, String> unified) {

  /** No limits. */
  public static final Resources NONE =
      new Resources(List.of(), null, null, null, null, List.of(), Absent.map(null));

  public Resources {
    devices = Absent.list(devices);
    hugepageLimits = Absent.list(hugepageLimits);
    rdma = Absent.map(rdma);
    unified = Absent.map(unified);
  }

  /** Without what few containers ask for. */
  public Resources(
      List<DeviceRule> devices,
      @Nullable Memory memory,
      @Nullable Cpu cpu,
      @Nullable Pids pids,
      @Nullable BlockIo blockIO,
      List<HugepageLimit> hugepageLimits,
      SequencedMap<String, String> unified) {
    this(devices, memory, cpu, pids, blockIO, hugepageLimits, null, Absent.map(null), unified);
  }

  /**
   * Marks of the packets that a container sends.
   *
   * @param classID for traffic control
   */
  public record Network(@Nullable Long classID, List<InterfacePriority> priorities) {
    public Network {
      priorities = Absent.list(priorities);
    }
  }

  /** Priority of packets at one interface. */
  public record InterfacePriority(String name, long priority) {
    public InterfacePriority {
      name = Absent.text(name);
    }
  }

  /** Limits of one device of remote memory access; absent is "unlimited". */
  public record Rdma(@Nullable Long hcaHandles, @Nullable Long hcaObjects) {}

  /**
   * Access to devices.
   *
   * @param allow whether the rule gives or takes
   * @param type {@code a}, {@code c} or {@code b}; empty is all
   * @param major absent is any
   * @param minor absent is any
   * @param access of {@code r}, {@code w}, {@code m}
   */
  public record DeviceRule(
      boolean allow, String type, @Nullable Long major, @Nullable Long minor, String access) {
    public DeviceRule {
      type = Absent.text(type);
      access = Absent.text(access);
    }
  }

  /**
   * Memory, in bytes; -1 is "unlimited".
   *
   * @param swap memory and swap together
   * @param disableOOMKiller whether a process that needs more waits instead of being killed
   */
  public record Memory(
      @Nullable Long limit,
      @Nullable Long reservation,
      @Nullable Long swap,
      @Nullable Long kernel,
      @Nullable Long kernelTCP,
      @Nullable Long swappiness,
      @Nullable Boolean disableOOMKiller,
      @Nullable Boolean useHierarchy,
      @Nullable Boolean checkBeforeUpdate) {}

  /**
   * Processor time.
   *
   * @param shares relative weight, 2 to 262144
   * @param quota microseconds in each period
   * @param period microseconds
   */
  public record Cpu(
      @Nullable Long shares,
      @Nullable Long quota,
      @Nullable Long burst,
      @Nullable Long period,
      @Nullable Long realtimeRuntime,
      @Nullable Long realtimePeriod,
      String cpus,
      String mems,
      @Nullable Long idle) {
    public Cpu {
      cpus = Absent.text(cpus);
      mems = Absent.text(mems);
    }
  }

  /**
   * Number of processes and threads.
   *
   * @param limit absent or not above 0 is "unlimited"
   */
  public record Pids(@Nullable Long limit) {}

  /** Weights and rates of block devices. */
  public record BlockIo(
      @Nullable Integer weight,
      @Nullable Integer leafWeight,
      List<WeightDevice> weightDevice,
      List<ThrottleDevice> throttleReadBpsDevice,
      List<ThrottleDevice> throttleWriteBpsDevice,
      @JsonProperty("throttleReadIOPSDevice") List<ThrottleDevice> throttleReadIopsDevice,
      @JsonProperty("throttleWriteIOPSDevice") List<ThrottleDevice> throttleWriteIopsDevice) {
    public BlockIo {
      weightDevice = Absent.list(weightDevice);
      throttleReadBpsDevice = Absent.list(throttleReadBpsDevice);
      throttleWriteBpsDevice = Absent.list(throttleWriteBpsDevice);
      throttleReadIopsDevice = Absent.list(throttleReadIopsDevice);
      throttleWriteIopsDevice = Absent.list(throttleWriteIopsDevice);
    }
  }

  /** Weight of one device. */
  public record WeightDevice(
      long major, long minor, @Nullable Integer weight, @Nullable Integer leafWeight) {}

  /** Rate of one device, in bytes or operations a second. */
  public record ThrottleDevice(long major, long minor, long rate) {}

  /** Limit of huge pages of one size, such as {@code 2MB}. */
  public record HugepageLimit(String pageSize, long limit) {
    public HugepageLimit {
      pageSize = Absent.text(pageSize);
    }
  }
}
