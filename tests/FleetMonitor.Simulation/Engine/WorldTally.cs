using System.Globalization;
using FleetMonitor.Service.Influx;
using FleetMonitor.Service.Pipeline;

namespace FleetMonitor.Simulation.Engine;

/// <summary>What happened in worlds: says that they reach what they are made to reach.</summary>
internal sealed class WorldTally
{
    private readonly Lock _lock = new();
    private TimeSpan _simulated;
    private long _worlds;
    private long _messages;
    private long _duplicates;
    private long _conflicts;
    private long _late;
    private long _tooLate;
    private long _retained;
    private long _refused;
    private long _sessionsLost;
    private long _starts;
    private long _pointsSent;
    private long _pointsRefused;
    private long _pointsDropped;
    private long _storeTroubles;

    /// <summary>True where each kind of trouble came up.</summary>
    public bool HasReachedEverything => Counted.All(count => count.Count > 0);

    public IEnumerable<(string What, long Count)> ForPromises =>
        [("worlds", _worlds), ("hours", (long)_simulated.TotalHours), ("starts", _starts), ("sessions", _sessionsLost), ("points", _pointsSent)];

    private IEnumerable<(string What, long Count)> Counted =>
    [
        ("messages", _messages), ("duplicates", _duplicates), ("conflicts", _conflicts), ("late", _late), ("too late", _tooLate),
        ("retained", _retained), ("refused", _refused), ("sessions lost", _sessionsLost), ("starts", _starts),
        ("points sent", _pointsSent), ("points refused", _pointsRefused), ("processes that dropped points", _pointsDropped), ("troubles with the store", _storeTroubles),
    ];

    public void AddStore(long troubles)
    {
        lock (_lock)
        {
            _storeTroubles += troubles;
        }
    }

    public void AddProcess(PipelineCounters counters, InfluxStatus points)
    {
        lock (_lock)
        {
            _starts++;
            _messages += counters.Messages;
            _duplicates += counters.Duplicates;
            _conflicts += counters.Conflicts;
            _late += counters.Late;
            _tooLate += counters.TooLate;
            _retained += counters.Retained;
            _refused += counters.RefusedTotal;
            _sessionsLost += counters.SessionGaps;
            _pointsSent += points.Sent;
            _pointsRefused += points.Rejected;
            // Counted since the ledger was made.
            _pointsDropped += points.Dropped > 0 ? 1 : 0;
        }
    }

    public void AddWorld(TimeSpan simulated)
    {
        lock (_lock)
        {
            _worlds++;
            _simulated += simulated;
        }
    }

    public string Describe(TimeSpan took) => string.Create(
        CultureInfo.InvariantCulture,
        $"{_worlds} worlds, {_simulated.TotalHours:F0} simulated hours in {took.TotalSeconds:F1} s: "
        + $"{_simulated.TotalHours / took.TotalSeconds:F1} simulated hours a second\n") + DescribeCounts();

    /// <summary>Worlds that went the same way have the same counts.</summary>
    public string DescribeCounts() =>
        string.Join(", ", Counted.Select(count => string.Create(CultureInfo.InvariantCulture, $"{count.Count} {count.What}")));
}
