package dev.waybill.testkit.log;

import dev.waybill.eventlog.Cell;
import dev.waybill.eventlog.EventLog;
import dev.waybill.eventlog.InMemoryEventLog;
import java.time.InstantSource;

class InMemoryEventLogTest extends EventLogContract {
  @Override
  protected EventLog emptyLog() {
    return new InMemoryEventLog(Cell.LOCAL, InstantSource.system());
  }
}
