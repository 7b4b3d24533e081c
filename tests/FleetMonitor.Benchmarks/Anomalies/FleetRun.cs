using FleetMonitor.Anomalies;
using FleetMonitor.Anomalies.Alerts;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Metering;
using FleetMonitor.Telemetry;

namespace FleetMonitor.Benchmarks.Anomalies;

/// <summary>Sends a generated fleet through the watches and the alert books, a reading a minute and rig.</summary>
internal sealed class FleetRun(FleetGenerator fleet, int seed)
{
    public static readonly Instant Start = new(1_767_225_600_000);

    private readonly WatchContext[] _contexts =
    [
        .. Enumerable.Range(0, fleet.Sites).Select(site => new WatchContext(new AnomalyOptions())
        {
            Curtailments =
            [
                .. fleet.Curtailments.Where(c => c.Site == site).Select(c => new CurtailmentWindow(At(c.From), At(c.To))),
            ],
        }),
    ];

    public static Instant At(int minute) => Start.Plus(TimeSpan.FromMinutes(minute));

    public long Readings { get; private set; }

    private readonly double[][] _drawn = new double[fleet.Rigs.Count][];
    private readonly double[][] _metered = new double[fleet.Rigs.Count][];

    public IReadOnlyList<ToldAlert> Run()
    {
        List<(int Minute, AnomalyChange Change)>[] perRig = new List<(int, AnomalyChange)>[fleet.Rigs.Count];
        long readings = 0;
        Parallel.For(0, perRig.Length, new ParallelOptions { MaxDegreeOfParallelism = 2 }, rig =>
        {
            RigRun run = new(fleet, fleet.Rigs[rig], _contexts[fleet.Rigs[rig].Site], unchecked((seed * 31) + rig));
            perRig[rig] = run.Run();
            (_drawn[rig], _metered[rig]) = (run.Drawn, run.Metered);
            Interlocked.Add(ref readings, run.Readings);
        });
        Readings = readings;
        List<(int Minute, AnomalyChange Change)>[] perFeeder = new List<(int, AnomalyChange)>[fleet.Feeders.Count];
        Parallel.For(0, perFeeder.Length, new ParallelOptions { MaxDegreeOfParallelism = 2 }, feeder => perFeeder[feeder] =
            new FeederRun(fleet, fleet.Feeders[feeder], _contexts[fleet.Feeders[feeder].Site], unchecked((seed * 37) + feeder)).Run());
        return [.. Enumerable.Range(0, fleet.Sites).SelectMany(site => Group(site, perRig, perFeeder))];
    }

    private List<ToldAlert> Group(
        int site, List<(int Minute, AnomalyChange Change)>[] perRig, List<(int Minute, AnomalyChange Change)>[] perFeeder)
    {
        int first = site * FleetGenerator.RigsPerSite;
        int rigs = Math.Min(FleetGenerator.RigsPerSite, perRig.Length - first);
        Dictionary<int, List<AnomalyChange>> byMinute = perRig[first..(first + rigs)]
            .Concat(perFeeder.Where((_, feeder) => fleet.Feeders[feeder].Site == site))
            .SelectMany(changes => changes)
            .GroupBy(pair => pair.Minute)
            .ToDictionary(group => group.Key, group => group.Select(pair => pair.Change).ToList());
        var roster = new Roster(rigs);
        AlertBook book = new($"site-{site}", new AlertOptions { Levels = new StakeLevels() }, []);
        MeterBalance balance = new($"site-{site}", new StakeLevels());
        List<AnomalyChange> found = [];
        List<AlertChange> changes = [];
        for (int minute = 0; minute < fleet.Days * FleetGenerator.MinutesPerDay; minute++)
        {
            foreach (AnomalyChange change in byMinute.GetValueOrDefault(minute, []))
            {
                book.Apply(change, changes);
            }

            foreach (FleetFault gap in fleet.SessionGaps.Where(gap => gap.Rig == site && gap.To == minute))
            {
                Anomaly anomaly = SessionGaps.Of($"site-{site}", "mqtt://broker", At(gap.From), At(gap.To));
                book.Apply(new(AnomalyChangeType.Raised, anomaly, At(minute)), changes);
            }

            if (minute % 60 == 10 && minute > 60 && !book.IsDropped && !IsCurtailed(site, minute - 70))
            {
                Balance(site, (minute / 60) - 1, first, rigs, balance, found);
                found.ForEach(change => book.Apply(change, changes));
                found.Clear();
            }

            book.Tick(At(minute), roster, changes);
        }

        return
        [
            .. changes.Where(change => change is { Tell: true, Step: AlertStep.Raised })
                .Select(change => change.Alert.Anomaly)
                .Select(anomaly => new ToldAlert(site, SubjectOf(anomaly), anomaly.Kind, anomaly.Raised)),
        ];
    }

    private int SubjectOf(Anomaly anomaly) => anomaly switch
    {
        { Device: { } rig } when rig.StartsWith("rig-", StringComparison.Ordinal) => int.Parse(rig[4..], null),
        { Device: { } pdu } => fleet.PartOf(false, int.Parse(pdu[4..], null)),
        { Group: { } group } => DeviceGroup.Of(group) is { Level: GroupLevel.Rack, Name: var rack }
            ? fleet.PartOf(true, int.Parse(rack, null))
            : fleet.PartOf(false, int.Parse(DeviceGroup.Of(group).Name[4..], null)),
        _ => -1,
    };

    /// <summary>Ten rigs on a feeder, twenty in a rack, and the feeders themselves.</summary>
    private sealed class Roster(int rigs) : ISiteRoster
    {
        public int Devices => rigs + (rigs / FleetGenerator.RigsPerFeeder);

        public bool Counts(string device) => true;

        public IEnumerable<DeviceGroup> GroupsOf(string device)
        {
            int number = int.Parse(device[4..], null);
            int feeder = device[0] == 'r' ? number / FleetGenerator.RigsPerFeeder : number;
            yield return new DeviceGroup(GroupLevel.Feeder, $"pdu-{feeder}");
            yield return new DeviceGroup(GroupLevel.Rack, $"{feeder * FleetGenerator.RigsPerFeeder / FleetGenerator.RigsPerRack}");
        }

        public int CountOf(DeviceGroup group) => group.Level == GroupLevel.Rack
            ? FleetGenerator.RigsPerRack + (FleetGenerator.RigsPerRack / FleetGenerator.RigsPerFeeder)
            : FleetGenerator.RigsPerFeeder + 1;
    }

    private bool IsCurtailed(int site, int minute) => _contexts[site].Curtailments.Any(planned => planned.Overlaps(At(minute), At(minute + 60)));

    /// <summary>One hour of a site's control meter: what its rigs drew, what is lost on the way, and what somebody takes beside it.</summary>
    private void Balance(int site, int hour, int first, int rigs, MeterBalance balance, List<AnomalyChange> found)
    {
        double warm = fleet.Weather[hour * 60];
        double taken = fleet.Thefts.Where(theft => theft.Rig == site && theft.Holds(hour * 60)).Sum(theft => theft.Size);
        double drawn = _drawn[first..(first + rigs)].Sum(hours => hours[hour]);
        double meter = drawn * (1 + fleet.Losses[site] + (0.0003 * warm)) / (1 - taken);
        double devices = _metered[first..(first + rigs)].Sum(hours => hours[hour]);
        balance.Observe(
            At((hour + 1) * 60), Energy.FromWattHours((decimal)meter), Energy.FromWattHours((decimal)devices), TimeSpan.FromHours(1), 2m, found);
    }
}
