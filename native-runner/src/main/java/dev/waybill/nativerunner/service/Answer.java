package dev.waybill.nativerunner.service;

import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.function.Consumer;
import java.util.logging.Level;
import java.util.logging.Logger;

/** Answers one call, with the result or with the status that its failure is. */
final class Answer {
  private static final Logger LOG = Logger.getLogger(Answer.class.getName());

  /** 126 or 127 when a program could not be executed. */
  static final Metadata.Key<String> EXIT_CODE =
      Metadata.Key.of("waybill-exit-code", Metadata.ASCII_STRING_MARSHALLER);

  private Answer() {}

  interface Work<T> {
    T run() throws RunnerException, IOException;
  }

  static <T> void with(StreamObserver<T> observer, Work<T> work) {
    then(
        observer,
        work,
        result -> {
          observer.onNext(result);
          observer.onCompleted();
        });
  }

  /** Goes on with the result of work, or answers with its failure. */
  static <T, S> void then(StreamObserver<T> observer, Work<S> work, Consumer<S> next) {
    S result;
    try {
      result = work.run();
    } catch (RunnerException e) {
      observer.onError(status(e));
      return;
    } catch (IOException e) {
      LOG.log(Level.WARNING, "request failed", e);
      observer.onError(Status.INTERNAL.withDescription(e.getMessage()).asRuntimeException());
      return;
    } catch (RuntimeException e) {
      LOG.log(Level.SEVERE, "request failed by a bug", e);
      observer.onError(Status.INTERNAL.withDescription(e.toString()).asRuntimeException());
      return;
    }
    next.accept(result);
  }

  private static StatusRuntimeException status(RunnerException e) {
    Status status =
        switch (e.kind()) {
          case INVALID -> Status.INVALID_ARGUMENT;
          case NOT_FOUND -> Status.NOT_FOUND;
          case ALREADY_EXISTS -> Status.ALREADY_EXISTS;
          case WRONG_STATE -> Status.FAILED_PRECONDITION;
        };
    Metadata trailers = new Metadata();
    if (e.exitCode() != 0) {
      trailers.put(EXIT_CODE, Integer.toString(e.exitCode()));
    }
    return status.withDescription(e.getMessage()).asRuntimeException(trailers);
  }
}
