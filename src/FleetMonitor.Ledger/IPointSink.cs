namespace FleetMonitor.Ledger;

/// <summary>
/// The port of a time-series store. A write is idempotent: a point with the same series and time replaces the one before, so that sending
/// again after a doubt is always right.
/// </summary>
public interface IPointSink
{
    /// <summary>Sends whole lines of line protocol, each ending in a newline. Never throws for what a network or a server does.</summary>
    Task<PointAnswer> WriteAsync(ReadOnlyMemory<byte> lines, CancellationToken cancellation);
}

/// <summary>What a store did with points.</summary>
public enum PointVerdict
{
    /// <summary>All of them are there.</summary>
    Taken,

    /// <summary>Some of the points are bad and will never be taken; the others may or may not be there.</summary>
    Refused,

    /// <summary>The same points in smaller portions may be taken.</summary>
    TooLarge,

    /// <summary>Nothing is wrong with the points: a person has to act (a token, a missing bucket). They are kept meanwhile.</summary>
    Denied,

    /// <summary>Down, overloaded or out of reach: later.</summary>
    Unavailable,
}

/// <param name="Reason">In the store's words, and what to do about it; empty where all were taken.</param>
public sealed record PointAnswer(PointVerdict Verdict, string Reason = "")
{
    /// <summary>Bad lines that the store quoted.</summary>
    public IReadOnlySet<string> QuotedLines { get; init; } = new HashSet<string>();

    /// <summary>Bad lines that the store numbered, from 0.</summary>
    public IReadOnlySet<int> NumberedLines { get; init; } = new HashSet<int>();

    /// <summary>How many points the store said that it dropped.</summary>
    public int? Dropped { get; init; }

    /// <summary>When the store asked to be tried again.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
