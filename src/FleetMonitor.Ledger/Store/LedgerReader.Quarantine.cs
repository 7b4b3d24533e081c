using FleetMonitor.Fleet.Units;
using Microsoft.Data.Sqlite;

namespace FleetMonitor.Ledger.Store;

/// <param name="More">Whether there are others after the last one.</param>
public sealed record QuarantinePage(IReadOnlyList<QuarantineRow> Rows, bool More);

/// <summary>Input that was refused.</summary>
public sealed partial class LedgerReader
{
    /// <summary>What a row takes beside its topic and payload, about.</summary>
    private const int RowBytes = 256;

    /// <summary>Refused input, oldest first.</summary>
    public IEnumerable<QuarantineRow> Quarantine(string? reason, long after, int limit) => Query(
        QuarantineOf,
        """
        SELECT id, received, source, reason, place, detail, topic, payload FROM quarantine
        WHERE ($1 IS NULL OR reason = $1) AND id > $2 ORDER BY id LIMIT $3
        """,
        reason,
        after,
        limit);

    /// <summary>The same, no more than so many rows and, but for a first one that is larger, so many bytes.</summary>
    public QuarantinePage QuarantinePage(string? reason, long after, int limit, long bytes)
    {
        var page = new List<QuarantineRow>();
        foreach (QuarantineRow row in Quarantine(reason, after, int.MaxValue))
        {
            bytes -= Bytes(row);
            if (page.Count == limit || (bytes < 0 && page.Count > 0))
            {
                return new QuarantinePage(page, More: true);
            }

            page.Add(row);
        }

        return new QuarantinePage(page, More: false);
    }

    /// <summary>The newest refused input of a reason, newest first; no more than so many and, but for the first one, so many bytes.</summary>
    public IReadOnlyList<QuarantineRow> QuarantineSamples(string reason, int limit, long bytes)
    {
        var samples = new List<QuarantineRow>();
        foreach (QuarantineRow row in Query(
            QuarantineOf,
            "SELECT id, received, source, reason, place, detail, topic, payload FROM quarantine WHERE reason = $1 ORDER BY id DESC LIMIT $2",
            reason,
            limit))
        {
            bytes -= Bytes(row);
            if (bytes < 0 && samples.Count > 0)
            {
                break;
            }

            samples.Add(row);
        }

        return samples;
    }

    public long LastQuarantineId() => Number("SELECT coalesce(max(id), 0) FROM quarantine");

    /// <summary>What refused input after a place takes, about.</summary>
    public (long Rows, long Bytes) QuarantineSize(long after) => Query(
        row => (row.GetInt64(0), row.GetInt64(1)),
        $"SELECT count(*), coalesce(sum(length(topic) + length(payload) + {RowBytes}), 0) FROM quarantine WHERE id > $1",
        after).Single();

    /// <summary>The newest refused input that is too much where no more than so many rows and bytes are to be kept; null where nothing is.</summary>
    /// <exception cref="OperationCanceledException">The walk over them was cancelled.</exception>
    public long? QuarantineBeyond(long rows, long bytes, CancellationToken cancellation)
    {
        foreach ((long id, long size) in Query(
            row => (row.GetInt64(0), row.GetInt64(1)),
            $"SELECT id, length(topic) + length(payload) + {RowBytes} FROM quarantine ORDER BY id DESC"))
        {
            cancellation.ThrowIfCancellationRequested();
            rows--;
            bytes -= size;
            if (rows < 0 || bytes < 0)
            {
                return id;
            }
        }

        return null;
    }

    public IReadOnlyDictionary<string, long> QuarantineCounts() =>
        Query(row => (row.GetString(0), row.GetInt64(1)), "SELECT reason, count(*) FROM quarantine GROUP BY reason ORDER BY reason")
            .ToDictionary(count => count.Item1, count => count.Item2);

    private static int Bytes(QuarantineRow row) => row.Entry.Topic.Length + row.Entry.Payload.Length + RowBytes;

    private static QuarantineRow QuarantineOf(SqliteDataReader row) => new(
        row.GetInt64(0),
        new QuarantineEntry(
            new Instant(row.GetInt64(1)),
            row.GetString(2),
            row.GetString(3),
            row.GetString(4),
            row.GetString(5),
            (byte[])row[6],
            (byte[])row[7]));
}
