using System.Collections;
using FleetMonitor.Anomalies;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;
using FleetMonitor.Ledger.Store;
using FleetMonitor.Levy;
using FleetMonitor.Metering;
using FleetMonitor.Telemetry.Profiles;

namespace FleetMonitor.Service.Pipeline;

/// <summary>
/// All devices, each in its shard, and the way back to where the ledger stands: checkpoints, with the journal's tail folded in. Used by the
/// one that writes the ledger and, without ever writing, by those that only read the books.
/// </summary>
internal sealed partial class ShardSet
{
    private readonly FleetState _fleet;
    private readonly MeteringOptions _metering;
    private readonly RateSchedule _schedule;
    private readonly DevicesById _byId;
    private readonly DeviceIndex _byKey;
    private readonly HashSet<WatchedFacts> _facts = [];
    private readonly Dictionary<string, int> _unregistered = new(StringComparer.Ordinal);
    private readonly Dictionary<string, WatchContext> _watchContexts = new(StringComparer.Ordinal);
    private readonly AnomalyOptions _anomalies;
    private readonly Instant _serviceStarted;

    /// <summary>A connection to the ledger is not for several threads: held by who reads from it.</summary>
    private readonly Lock _ledger = new();

    /// <param name="keptBlocks">Looks up a device's kept readings (<see cref="ILedger.BlocksFrom"/>); asked by one thread at a time, and not while
    /// <see cref="Recover"/> reads.</param>
    /// <param name="serviceStarted">When this process began to listen.</param>
    public ShardSet(
        int shards,
        int blockSize,
        FleetState fleet,
        MeteringOptions metering,
        AnomalyOptions anomalies,
        RateSchedule schedule,
        Func<int, Instant, IReadOnlyList<ReadingBlock>> keptBlocks,
        Instant serviceStarted)
    {
        _fleet = fleet;
        _metering = metering;
        _anomalies = anomalies;
        _schedule = schedule;
        _serviceStarted = serviceStarted;
        Shard[] all = [.. Enumerable.Range(0, shards).Select(_ => new Shard(KeptBlocks, WatchContextOf, blockSize, shards))];
        Shards = all;
        _byId = new DevicesById(all);
        _byKey = new DeviceIndex(_byId);

        IReadOnlyList<ReadingBlock> KeptBlocks(int device, Instant from)
        {
            lock (_ledger)
            {
                return keptBlocks(device, from);
            }
        }
    }

    public IReadOnlyList<Shard> Shards { get; }

    public IReadOnlyList<TrackedDevice> Devices => _byId;

    public MeterContexts Contexts { get; private set; } = new();

    public FleetState Fleet => _fleet;

    public RateSchedule Schedule => _schedule;

    /// <summary>The newest batch that is in the state.</summary>
    public long LastSequence { get; private set; }

    /// <summary>The clock of the newest batch; null where there is none.</summary>
    public Instant? LastNow { get; private set; }

    public Shard ShardOf(TrackedDevice device) => ShardOf(device.Id);

    public TrackedDevice? Find(DeviceKey key) => _byKey.Find(key);

    /// <summary>The device of that name; a new one is made and enters its shard, unless its site has too many that nobody listed.</summary>
    /// <returns>Null where the site has no more room for unregistered devices, or there are too many unlisted sites.</returns>
    public TrackedDevice? Resolve(DeviceKey key, RegisterTraits? traits, Instant now, int maxUnregistered, LedgerCommit commit)
    {
        if (Find(key) is { } known)
        {
            return known;
        }

        Site? site = _fleet.SiteOrRegister(key.Site);
        if (site is null && !_fleet.Current.HasFile)
        {
            return null;
        }

        Device? listed = site?.Devices.GetValueOrDefault(key.Device);
        if (listed is null && _unregistered.GetValueOrDefault(key.Site) >= maxUnregistered)
        {
            return null;
        }

        var device = new TrackedDevice(_byId.Count, key, ShardOf(_byId.Count).Memory) { Traits = traits ?? DeviceRules.DefaultTraits };
        device.Context = ContextOf(device);
        Add(device);
        Refresh(device, now);
        // The journal does not say what a device is metered by; its first checkpoint does.
        ShardOf(device).MustCheckpoint(device);
        commit.NewDevices.Add(new NewDevice(device.Id, key, now));
        return device;
    }

    /// <summary>Takes what a profile says of a device's register: where that is news, what is kept is metered again by it.</summary>
    /// <param name="sequence">The batch that is under way.</param>
    public void TakeTraits(TrackedDevice device, RegisterTraits traits, long sequence)
    {
        if (device.TraitsSettled)
        {
            return;
        }

        device.TraitsSettled = true;
        if (traits == device.Traits)
        {
            return;
        }

        device.Traits = traits;
        MeterContext context = ContextOf(device);
        if (context != device.Context)
        {
            ShardOf(device).ChangeContext(device, context, sequence);
        }
    }

    /// <summary>Meters and watches every device by the facts as they are now; those whose rules changed are metered again by the new ones.</summary>
    /// <returns>How many changed.</returns>
    public int ApplyFacts(Instant now, long sequence)
    {
        int changed = 0;
        _watchContexts.Clear();
        _unregistered.Clear();
        _facts.Clear();
        foreach (Shard shard in Shards)
        {
            shard.ForgetFacts();
        }

        foreach (TrackedDevice device in _byId)
        {
            Refresh(device, now);
            CountUnregistered(device);
            MeterContext context = ContextOf(device);
            if (context != device.Context)
            {
                ShardOf(device).ChangeContext(device, context, sequence);
                changed++;
            }
        }

        return changed;
    }

    /// <summary>What differs from the newest checkpoints, so that checkpoints and this make the books as they stand.</summary>
    public IReadOnlyList<DeviceDay> Overlay() => Overlay(_byId);

    /// <summary>The same, of some devices.</summary>
    public static IReadOnlyList<DeviceDay> Overlay(IEnumerable<TrackedDevice> devices)
    {
        var overlay = new List<DeviceDay>();
        foreach (TrackedDevice device in devices)
        {
            var preview = new PreviewSink(device.Days);
            device.Meter.Preview(device.Context, ref preview);
            foreach ((DateOnly day, EnergyByQuality energy) in preview.Days)
            {
                overlay.Add(new DeviceDay(device.Key, day, energy));
            }
        }

        return overlay;
    }

    /// <summary>How long each device has been heard of: what follows on its newest reading is not known yet.</summary>
    public IReadOnlyList<LastReading> LastReadings() =>
    [
        .. _byId.Where(device => device.Last is not null)
            .Select(device => new LastReading(device.Key, device.Last!.Value.At, device.Context.Options.MaxGap)),
    ];

    public WatchContext WatchContextOf(string site)
    {
        lock (_watchContexts)
        {
            if (!_watchContexts.TryGetValue(site, out WatchContext? context))
            {
                context = new WatchContext(_anomalies)
                {
                    ServiceStarted = _serviceStarted,
                    Curtailments = [.. (_fleet.Current.Site(site)?.Curtailments ?? []).Select(planned => new CurtailmentWindow(planned.From, planned.To))],
                };
                _watchContexts.Add(site, context);
            }

            return context;
        }
    }

    public void Advance(long sequence, Instant now) => (LastSequence, LastNow) = (sequence, now);

    private Shard ShardOf(int id) => Shards[id % Shards.Count];

    private TrackedDevice Device(int id) => id >= 0 && id < _byId.Count
        ? _byId[id]
        : throw new LedgerCorruptException($"an entry names device {id}, which is not listed");

    private void Add(TrackedDevice device)
    {
        if (device.Id != _byId.Count)
        {
            throw new LedgerCorruptException($"device {_byId.Count} is missing");
        }

        // A site that registered itself is known again as soon as a device of it is.
        _fleet.SiteOrRegister(device.Key.Site);
        if (Find(device.Key) is not null)
        {
            throw new LedgerCorruptException($"{device.Key} is listed twice");
        }

        ShardOf(device).Add(device);
        _byKey.Add(device.Key);
        CountUnregistered(device);
    }

    private void CountUnregistered(TrackedDevice device)
    {
        if (_fleet.Current.Device(device.Key) is null)
        {
            _unregistered[device.Key.Site] = _unregistered.GetValueOrDefault(device.Key.Site) + 1;
        }
    }

    private void Refresh(TrackedDevice device, Instant now)
    {
        Site? site = _fleet.Current.Site(device.Key.Site);
        DateOnly today = DayCalendar.Of(site?.TimeZone ?? _fleet.DefaultTimeZone).DateOf(now);
        decimal? levyPerKwh = site is null ? null : _schedule.Rate(site, today).PerKwh;
        WatchedFacts facts = DeviceRules.Watched(site, site?.Devices.GetValueOrDefault(device.Key.Device), levyPerKwh);
        if (!_facts.TryGetValue(facts, out WatchedFacts? shared))
        {
            _facts.Add(shared = facts);
        }

        device.Facts = shared;
    }

    private MeterContext ContextOf(TrackedDevice device)
    {
        Site? site = _fleet.Current.Site(device.Key.Site);
        Device? listed = site?.Devices.GetValueOrDefault(device.Key.Device);
        return Contexts.Intern(
            _metering, DeviceRules.Limits(site, listed, _metering, device.Traits), site?.TimeZone ?? _fleet.DefaultTimeZone);
    }

    /// <summary>Ids go round the shards: the first has the first, the next the second, and so on.</summary>
    private sealed class DevicesById(Shard[] shards) : IReadOnlyList<TrackedDevice>
    {
        public int Count
        {
            get
            {
                int count = 0;
                foreach (Shard shard in shards)
                {
                    count += shard.Devices.Count;
                }

                return count;
            }
        }

        public TrackedDevice this[int id]
        {
            get
            {
                (int place, int shard) = Math.DivRem(id, shards.Length);
                return shards[shard].Devices[place];
            }
        }

        public IEnumerator<TrackedDevice> GetEnumerator()
        {
            int count = Count;
            for (int id = 0; id < count; id++)
            {
                yield return this[id];
            }
        }

        IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
    }
}

/// <summary>A device's newest reading, and how long after it nothing is a gap.</summary>
internal readonly record struct LastReading(DeviceKey Key, Instant At, TimeSpan MaxGap);
