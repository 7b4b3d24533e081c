using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Metering;
using FleetMonitor.Service.Hosting;
using FleetMonitor.Service.Pipeline;
using FleetMonitor.Telemetry;

namespace FleetMonitor.Service.Http;

/// <summary>A device's readings at one moment: in the ledger, on their way there, and not settled yet.</summary>
internal sealed record KeptReadings(
    TrackedDevice Device, Instant From, LedgerReader Ledger, IReadOnlyList<ReadingBlock> Waiting, Reading[] Buffered) : IDisposable
{
    /// <returns>Null where the device was never heard of.</returns>
    public static Task<KeptReadings?> OfAsync(ServiceContext context, DeviceKey key, Instant from) => context.AskAsync(decider =>
        decider.Shards.Find(key) is { } device
            ? new KeptReadings(device, from, LedgerReader.Open(context.Engine.Ledger.Files), device.KeptFrom(from, []), device.Meter.Buffered())
            : null);

    public IEnumerable<Reading> Readings()
    {
        // Blocks that wait stand in place of those in the ledger that begin no earlier.
        IEnumerable<ReadingBlock> blocks = Ledger.BlocksFrom(Device.Id, From)
            .TakeWhile(block => Waiting.Count == 0 || block.Readings[0].At < Waiting[0].Readings[0].At);
        return blocks.Concat(Waiting).SelectMany(block => block.Readings).Concat(Buffered);
    }

    public void Dispose() => Ledger.Dispose();
}
