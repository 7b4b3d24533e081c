namespace FleetMonitor.Service.Pipeline;

/// <summary>How the loop works; the options of <c>Ledger</c> that concern it.</summary>
/// <param name="MessagesPerBatch">A batch takes no more than about this many.</param>
/// <param name="QueuedMessages">How much waits in front of the loop before sources stop reading.</param>
/// <param name="CommitEvery">While messages keep coming, batches begin no closer together than this.</param>
/// <param name="TickEvery">How often time passes for devices that are silent.</param>
/// <param name="ClockFromMessages">Time is what the messages' receive times say: for replaying the past.</param>
internal sealed record PipelineLoopOptions(
    int MessagesPerBatch, int QueuedMessages, TimeSpan CommitEvery, TimeSpan TickEvery, bool ClockFromMessages);
