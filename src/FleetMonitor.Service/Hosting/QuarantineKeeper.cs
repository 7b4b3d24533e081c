using FleetMonitor.Ledger.Store;
using FleetMonitor.Service.Configuration;

namespace FleetMonitor.Service.Hosting;

/// <summary>
/// Lets the oldest refused messages go where there are more than are to be kept, or where they take more of the disk: strangers may send what
/// they like, and as much of it. What goes is counted.
/// </summary>
internal sealed class QuarantineKeeper(Engine engine, LedgerSettings settings)
{
    /// <summary>What goes between two batches, so that readings do not wait for it: some dozen megabytes, where each is as large as it may be.</summary>
    private const int AtATime = 200;

    /// <summary>One part in so many goes beyond what has to: finding the place takes a walk over all that is kept.</summary>
    private const int Slack = 20;

    private long _seen;
    private long _rows;
    private long _bytes;

    /// <returns>How many went.</returns>
    public async Task<long> TurnAsync(CancellationToken cancellation)
    {
        long? beyond = null;
        using (LedgerReader reader = LedgerReader.Open(engine.Ledger.Files))
        {
            (long rows, long bytes) = reader.QuarantineSize(_seen);
            (_seen, _rows, _bytes) = (reader.LastQuarantineId(), _rows + rows, _bytes + bytes);
            if (_rows > settings.MaxQuarantine || _bytes > settings.MaxQuarantineBytes)
            {
                beyond = reader.QuarantineBeyond(
                    settings.MaxQuarantine - (settings.MaxQuarantine / Slack), settings.MaxQuarantineBytes - (settings.MaxQuarantineBytes / Slack), cancellation);
            }
        }

        long gone = 0;
        if (beyond is { } last)
        {
            int now;
            do
            {
                cancellation.ThrowIfCancellationRequested();
                gone += now = await engine.Loop.AskAsync(_ => engine.Ledger.TrimQuarantine(last, AtATime));
            }
            while (now == AtATime);
        }

        if (beyond is not null || _rows > settings.MaxQuarantine || _bytes > settings.MaxQuarantineBytes)
        {
            // Messages that were taken in again have left too: counted anew.
            using LedgerReader reader = LedgerReader.Open(engine.Ledger.Files);
            (_seen, (_rows, _bytes)) = (reader.LastQuarantineId(), reader.QuarantineSize(0));
        }

        engine.Counters.QuarantineBytes = _bytes;
        engine.Counters.QuarantineLetGo += gone;
        return gone;
    }
}
