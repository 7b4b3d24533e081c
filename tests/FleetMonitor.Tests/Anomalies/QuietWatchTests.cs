using FleetMonitor.Anomalies;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Metering;
using FleetMonitor.Telemetry;
using Xunit;

namespace FleetMonitor.Tests.Anomalies;

/// <summary>Whoever lets time pass only where a watch is not quiet hears the same, and leaves the same behind, as who does so always.</summary>
public sealed class QuietWatchTests
{
    private static readonly Instant Start = Instant.From(new DateTimeOffset(2026, 3, 1, 0, 0, 0, TimeSpan.Zero));

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Tick_OnlyWhereNotQuiet_ChangesWhatTickingAlwaysChanges(int seed)
    {
        var random = new Random(seed);
        int skipped = 0;
        int found = 0;
        for (int device = 0; device < 150; device++)
        {
            var always = new Life(random.Next(4));
            var due = new Life(always.Facts);
            Instant now = Start;
            int interval = random.Next(5, 400);
            for (int i = 0; i < 400; i++)
            {
                now = now.Plus(TimeSpan.FromMilliseconds(random.Next(20) == 0 ? random.Next(1_500_000) : random.Next(interval * 1000)));
                Action<Life> something = Anything(random, now);
                something(always);
                something(due);
                for (int tick = random.Next(6); tick > 0; tick--)
                {
                    now = now.Plus(TimeSpan.FromSeconds(5));
                    always.Tick(now);
                    if (due.Watch.QuietUntil(due.Device, WatchContext) <= now)
                    {
                        due.Tick(now);
                    }
                    else
                    {
                        skipped++;
                    }
                }
            }

            Assert.Equal(always.Heard, due.Heard);
            Assert.Equal(always.State, due.State);
            found += always.Heard.Count;
        }

        Assert.True(skipped > 20_000 && found > 500, $"{skipped} ticks left out, {found} changes");
    }

    [Fact]
    public void QuietUntil_DeviceThatSpeaks_IsWhenItsSilenceCounts()
    {
        var life = new Life(0);
        life.Watch.Observe(Reading(Start, 3_000_000_000), Start, life.Device, WatchContext, life.Changes);

        Assert.Equal(Start.Plus(TimeSpan.FromMinutes(5)), life.Watch.QuietUntil(life.Device, WatchContext));
    }

    [Fact]
    public void QuietUntil_DeviceThatSendsWhatIsOld_IsWhenThatIsStale()
    {
        var life = new Life(0);
        Instant at = Start.Minus(TimeSpan.FromSeconds(90));
        life.Watch.Observe(Reading(at, 3_000_000_000), Start, life.Device, WatchContext, life.Changes);

        // Twice the sixty seconds that make it old.
        Assert.Equal(at.Plus(TimeSpan.FromSeconds(120)), life.Watch.QuietUntil(life.Device, WatchContext));
    }

    private static WatchContext WatchContext { get; } = new(new AnomalyOptions()) { ServiceStarted = Start.Minus(TimeSpan.FromHours(1)) };

    private static Reading Reading(Instant at, long milliwatts) =>
        new(at, ReadingFields.Power | ReadingFields.HashRate, new Power(milliwatts), HashRate: new HashRate(110_000_000));

    private static Action<Life> Anything(Random random, Instant now)
    {
        Reading reading = Reading(now.Minus(TimeSpan.FromSeconds(random.Next(5) == 0 ? random.Next(4_000) : random.Next(10))), random.Next(100, 3_300_000));
        Reading odd = Reading(now.Plus(TimeSpan.FromSeconds(random.Next(-100_000, 100_000))), 0);
        var noticed = new MeterEvent(now, (MeterEventKind)random.Next(6), new Energy(random.Next(1_000_000)), new Energy(random.Next(1_000_000)));
        return random.Next(24) switch
        {
            0 => life => life.Watch.Presence(online: true, now, life.Device, WatchContext, life.Changes),
            1 => life => life.Watch.Presence(online: false, now, life.Device, WatchContext, life.Changes),
            2 => life => life.Watch.Observe(noticed, life.Device, WatchContext, life.Changes),
            3 => life => life.Watch.ObserveRefusedClock(odd.At, now, life.Device, WatchContext, life.Changes),
            4 => life => life.Facts = 3 - life.Facts,
            _ => life => life.Watch.Observe(reading, now, life.Device, WatchContext, life.Changes),
        };
    }

    private sealed class Life(int facts)
    {
        public DeviceWatch Watch { get; } = new();

        public List<AnomalyChange> Changes { get; } = [];

        public int Facts { get; set; } = facts;

        public WatchedDevice Device => new(
            new DeviceKey("site", "rig"), new WatchedFacts { Registered = (Facts & 1) == 0, PermitMissing = (Facts & 2) != 0 });

        public IReadOnlyList<(AnomalyChangeType, AnomalyKind, Instant, Instant?)> Heard =>
            [.. Changes.Select(change => (change.Type, change.Anomaly.Kind, change.Anomaly.Raised, change.Anomaly.Cleared))];

        public byte[] State
        {
            get
            {
                byte[] state = new byte[DeviceWatch.SerializedSize];
                Watch.WriteTo(state);
                return state;
            }
        }

        public void Tick(Instant now) => Watch.Tick(now, Device, WatchContext, Changes);
    }
}
