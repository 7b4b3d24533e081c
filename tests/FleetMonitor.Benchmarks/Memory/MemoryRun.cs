using System.Diagnostics;
using System.Globalization;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;
using FleetMonitor.Levy;
using FleetMonitor.Service.Configuration;
using FleetMonitor.Service.Hosting;
using FleetMonitor.Service.Pipeline;
using FleetMonitor.Telemetry;
using FleetMonitor.Telemetry.Profiles;
using FleetMonitor.Telemetry.Sources;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace FleetMonitor.Benchmarks.Memory;

/// <param name="Devices">Of how many the readings are.</param>
/// <param name="Interval">Between two readings of one.</param>
/// <param name="Span">How long readings come.</param>
/// <param name="WithPoints">Whether points for a time-series store are made too.</param>
internal sealed record MemoryCase(int Devices, TimeSpan Interval, TimeSpan Span, bool WithPoints);

/// <summary>What a fleet costs, once everything has settled down.</summary>
/// <param name="ManagedPerDevice">Bytes on the managed heap after a full collection, less those before the first device: mean over the second half.</param>
/// <param name="MostManagedPerDevice">The most of it.</param>
/// <param name="Resident">Resident bytes of the process at the end, all included.</param>
/// <param name="ResidentBase">The same before the first device.</param>
/// <param name="DecideMicroseconds">Processor time a reading takes to be decoded, metered and watched, up to the commit.</param>
/// <param name="CommitMicroseconds">Processor time of its share of the commit, checkpoints included.</param>
/// <param name="AllocatedPerReading">Bytes allocated to decide one, checkpoints included.</param>
internal sealed record MemoryOutcome(
    double ManagedPerDevice,
    double MostManagedPerDevice,
    long Resident,
    long ResidentBase,
    double DecideMicroseconds,
    double CommitMicroseconds,
    double AllocatedPerReading,
    IReadOnlyList<(string Type, double BytesPerDevice)> ByType);

/// <summary>Feeds a fleet through decoder, shards and a real ledger, one batch after the other, without sockets.</summary>
internal sealed class MemoryRun : IAsyncDisposable
{
    private const int MessagesPerBatch = 1_000;
    private const int CensusUpTo = 2_000;
    private static readonly TimeSpan TickEvery = TimeSpan.FromSeconds(5);

    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("fleetmonitor-benchmark-");
    private readonly MemoryCase _case;
    private readonly FleetFeed _feed;
    private readonly Engine _engine;
    private readonly FeedClock _clock = new();
    private readonly List<double> _managed = [];
    private Instant _ticked = FleetFeed.Start;
    private TimeSpan _deciding;
    private TimeSpan _committing;
    private long _allocated;
    private long _readings;

    private MemoryRun(MemoryCase of)
    {
        _case = of;
        _feed = new FleetFeed(of.Devices, of.Interval);
        List<KeyValuePair<string, string?>> options = [new("Ledger:Directory", _root.FullName)];
        if (of.WithPoints)
        {
            options.AddRange([new("Influx:Url", "http://127.0.0.1:9"), new("Influx:Token", "none")]);
        }

        Settings settings = SettingsFile.Read(new ConfigurationBuilder().AddInMemoryCollection(options).Build()).Settings;
        var files = new SiteFiles(FleetSnapshot.Empty, ProfileSet.Shipped, RateSchedule.Kazakhstan);
        _engine = Engine.Open(settings, files, clockFromMessages: true, _clock, NullLogger.Instance);
    }

    public static async Task<MemoryOutcome> OfAsync(MemoryCase of)
    {
        await using var run = new MemoryRun(of);
        return run.Measure();
    }

    public async ValueTask DisposeAsync()
    {
        await _engine.DisposeAsync();
        _root.Delete(recursive: true);
    }

    private MemoryOutcome Measure()
    {
        long managedBase = Settled();
        long residentBase = Resident();
        int rounds = (int)(_case.Span / _case.Interval);
        for (int round = 0; round < rounds; round++)
        {
            if (round == rounds / 2)
            {
                (_deciding, _committing, _allocated, _readings) = (default, default, 0, 0);
            }

            for (int first = 0; first < _case.Devices; first += MessagesPerBatch)
            {
                Batch(_feed.Of(round, first, Math.Min(MessagesPerBatch, _case.Devices - first)));
            }

            if (round >= rounds / 2 && round % Math.Max(1, rounds / 24) == 0)
            {
                _managed.Add((Settled() - managedBase) / (double)_case.Devices);
            }
        }

        Settled();
        return new MemoryOutcome(
            _managed.Average(),
            _managed.Max(),
            Resident(),
            residentBase,
            _deciding.TotalMicroseconds / _readings,
            _committing.TotalMicroseconds / _readings,
            _allocated / (double)_readings,
            ByType());
    }

    private void Batch(IReadOnlyList<RawMessage> messages)
    {
        Decider decider = _engine.Decider;
        Instant now = messages[^1].ReceivedAt;
        _clock.Now = now;
        TimeSpan before = Processor();
        long allocated = GC.GetTotalAllocatedBytes(precise: true);
        decider.Begin(now);
        foreach (RawMessage message in messages)
        {
            decider.Take("benchmark", message);
        }

        if (now - _ticked >= TickEvery)
        {
            decider.Tick(now);
            _ticked = now;
        }

        LedgerCommit commit = decider.End();
        TimeSpan decided = Processor();
        _allocated += GC.GetTotalAllocatedBytes(precise: true) - allocated;
        _engine.Ledger.Commit(commit);
        if (commit.Sequence % 64 == 0)
        {
            _engine.Ledger.TrimJournal(decider.JournalNeededFrom);
        }

        _deciding += decided - before;
        _committing += Processor() - decided;
        _readings += messages.Count;
    }

    private IReadOnlyList<(string Type, double BytesPerDevice)> ByType() => _case.Devices > CensusUpTo
        ? []
        : [.. ObjectCensus.Of(_engine.Decider).Take(24).Select(row => (Name(row.Type), row.Bytes / (double)_case.Devices))];

    private static string Name(Type type) => type.IsGenericType
        ? $"{type.Name}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>"
        : type.DeclaringType is { } outer && type.IsNested && !type.IsGenericParameter ? $"{outer.Name}.{type.Name}" : type.Name;

    private static TimeSpan Processor() => Process.GetCurrentProcess().TotalProcessorTime;

    private static long Settled()
    {
        GC.Collect(GC.MaxGeneration, GCCollectionMode.Aggressive, blocking: true, compacting: true);
        GC.WaitForPendingFinalizers();
        return GC.GetTotalMemory(forceFullCollection: true);
    }

    private static long Resident()
    {
        string line = File.ReadLines("/proc/self/status").First(text => text.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;
    }

    /// <summary>The time that the messages say.</summary>
    private sealed class FeedClock : TimeProvider
    {
        public Instant Now { get; set; } = FleetFeed.Start;

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeMilliseconds(Now.UnixMilliseconds);
    }
}
