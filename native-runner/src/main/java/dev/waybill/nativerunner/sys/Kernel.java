package dev.waybill.nativerunner.sys;

import java.io.IOException;
import java.util.List;

/**
 * What the runner asks of Linux. Every method raises {@link SyscallException} when the kernel
 * refuses, apart from what its comment says. All descriptors are close-on-exec.
 */
public interface Kernel {
  /** Memory that can be executed or read as a file, and that nobody can change any more. */
  Fd sealedMemory(String name, byte[] content) throws IOException;

  /** Both ends of a new pipe. */
  Pipe pipe() throws IOException;

  /** The ends of a pipe. */
  record Pipe(Fd read, Fd write) implements AutoCloseable {
    @Override
    public void close() {
      read.close();
      write.close();
    }
  }

  /**
   * Starts a program.
   *
   * @param program descriptor of the executable
   * @param arguments its arguments, the name first
   * @param descriptors given to it as 3, 4 and so on; its stdio is /dev/null
   * @return its process id; the caller reaps it
   */
  int spawn(Fd program, List<String> arguments, List<Fd> descriptors) throws IOException;

  /**
   * Writes all of it.
   *
   * @return false if nobody can read it any more
   */
  boolean write(Fd to, byte[] content) throws IOException;

  /** Reads until so many bytes have come or the writers have gone; what came. */
  byte[] read(Fd from, int size) throws IOException;

  /** A descriptor that stands for a process, whatever becomes of its number. */
  Fd openProcess(int pid) throws IOException;

  /**
   * Sends a signal.
   *
   * @return false if the process has ended
   */
  boolean signal(Fd process, int signal) throws IOException;

  /** Sends a signal by number; false if there is no such process. */
  boolean signal(int pid, int signal) throws IOException;

  /** The same open file under a further descriptor. */
  Fd duplicate(Fd of) throws IOException;

  /** Waits for a child that is about to end, and removes what is left of it. */
  void awaitExit(int pid);

  /** Removes what is left of an ended child; a process that isn't a child is no error. */
  void reap(int pid);

  /** A watch for the ends of processes. */
  ExitWatch exitWatch() throws IOException;

  /** Tells when processes end, or when pipes lose their writers, on one thread of its own. */
  interface ExitWatch extends AutoCloseable {
    /**
     * Calls back once when the process has ended or the pipe has something to read or no writer.
     *
     * @param watched a pidfd or the reading end of a pipe; the watch closes it afterwards
     */
    void onExit(Fd watched, Runnable callback) throws IOException;

    @Override
    void close();
  }
}
