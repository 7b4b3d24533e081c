using System.Text.Json;
using System.Text.Json.Serialization;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Telemetry.Sources;

namespace FleetMonitor.Service.Pipeline;

/// <summary>What <c>POST /api/v1/quarantine/retry</c> takes.</summary>
/// <param name="Reason">Only what was refused for this; null for everything.</param>
internal sealed record RetryBody(string? Reason = null);

/// <param name="Tried">How many messages were fed in again.</param>
/// <param name="Taken">How many of them are now out of the quarantine.</param>
/// <param name="RefusedAgain">How many are back in it.</param>
internal sealed record RetryAnswer(long Tried, long Taken, long RefusedAgain);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web)]
[JsonSerializable(typeof(RetryBody))]
[JsonSerializable(typeof(RetryAnswer))]
internal sealed partial class QuarantineBodies : JsonSerializerContext;

/// <summary>Feeds refused input in again, after the fleet file or a profile was put right.</summary>
internal static class QuarantineRetry
{
    private const int Chunk = 1_000;
    private const int ChunkBytes = 16 << 20;

    /// <summary>Each message leaves the quarantine in the batch that takes it in, or that refuses it again: it is never in both nor in neither.</summary>
    /// <param name="reason">Only what was refused for this; null for everything.</param>
    public static async Task<RetryAnswer> RunAsync(
        PipelineLoop loop, LedgerFiles files, string? reason, CancellationToken cancellation)
    {
        long tried = 0;
        long refused = 0;
        long after = 0;
        long last = await loop.AskAsync(_ => LastId(files));
        while (!cancellation.IsCancellationRequested)
        {
            (int taken, long refusedNow, long next) = await loop.AskAsync(decider => Retry(decider, files, reason, after, last));
            if (taken == 0)
            {
                break;
            }

            tried += taken;
            refused += refusedNow;
            after = next;
        }

        return new RetryAnswer(tried, tried - refused, refused);
    }

    private static (int Taken, long RefusedAgain, long Next) Retry(Decider decider, LedgerFiles files, string? reason, long after, long last)
    {
        using LedgerReader ledger = LedgerReader.Open(files);
        QuarantineRow[] rows = [.. ledger.QuarantinePage(reason, after, Chunk, ChunkBytes).Rows.Where(row => row.Id <= last)];
        long before = decider.Counters.RefusedTotal;
        foreach (QuarantineRow row in rows)
        {
            decider.Add(commit => commit.QuarantineRetried.Add(row.Id));
            decider.Take(
                row.Entry.Source,
                new RawMessage(row.Entry.Topic, row.Entry.Payload, row.Entry.ReceivedAt, 0, Redelivered: false, DeliveredAsRetained: false));
        }

        return (rows.Length, decider.Counters.RefusedTotal - before, rows.Length == 0 ? after : rows[^1].Id);
    }

    /// <summary>What is refused again gets a new number; without an end it would be tried for ever.</summary>
    private static long LastId(LedgerFiles files)
    {
        using LedgerReader ledger = LedgerReader.Open(files);
        return ledger.LastQuarantineId();
    }
}
