using System.Globalization;
using System.Text;
using FleetMonitor.Anomalies;

namespace FleetMonitor.Benchmarks.Anomalies;

/// <summary>Compares what was told with what was put in, kind by kind.</summary>
internal sealed class FleetScoring
{
    /// <summary>An alert may come this long after a fault has ended and still be about it.</summary>
    private const int GraceMinutes = 45;

    /// <summary>Rigs that draw and do not say so are missing energy too, from this share of the site on.</summary>
    private const double LeastHidden = 0.01;

    private readonly FleetGenerator _fleet;
    private readonly List<FleetFault> _faults;
    private readonly Dictionary<FleetFault, int> _delays = [];
    private readonly Dictionary<AnomalyKind, int> _misnamed = [];
    private readonly Dictionary<AnomalyKind, int> _false = [];

    public FleetScoring(FleetGenerator fleet, IReadOnlyList<ToldAlert> told)
    {
        _fleet = fleet;
        int end = fleet.Days * FleetGenerator.MinutesPerDay;
        _faults =
        [
            .. fleet.Faults,
            .. fleet.PhaseFaults,
            .. fleet.Outages,
            .. fleet.PartOutages,
            .. fleet.Thefts,
            .. fleet.SessionGaps,
            .. fleet.Unregistered.Select(rig => new FleetFault(AnomalyKind.UnregisteredDevice, rig, 0, end, 1, 0)),
            .. fleet.WithoutPermit.Select(rig => new FleetFault(AnomalyKind.MissingPermit, rig, 0, end, 1, 0)),
        ];
        ILookup<(AnomalyKind, int), FleetFault> byKind = _faults.ToLookup(fault => (fault.Kind, fault.Rig));
        ILookup<int, FleetFault> byRig = fleet.Faults.Concat(fleet.PhaseFaults).ToLookup(fault => fault.Rig);
        foreach (ToldAlert alert in told)
        {
            int minute = (int)(alert.At - FleetRun.Start).TotalMinutes;
            int subject = alert.Rig < 0 ? alert.Site : alert.Rig;
            FleetFault? own = byKind[(alert.Kind, subject)].FirstOrDefault(fault => IsAbout(fault, minute));
            if (own is not null)
            {
                if (!_delays.TryAdd(own, Math.Max(0, minute - own.From)))
                {
                    Count(_false, alert.Kind);
                }
            }
            else if (alert.Rig >= 0 && byRig[subject].FirstOrDefault(fault => IsAbout(fault, minute)) is { } other)
            {
                if (IsTrueSymptom(alert.Kind, other.Kind))
                {
                    continue;
                }

                Count(_misnamed, alert.Kind);
            }
            else if (!IsTrueOfTheRigs(alert, minute))
            {
                Count(_false, alert.Kind);
            }
        }
    }

    /// <summary>What rigs of the site or of the feeder do is seen there too.</summary>
    private bool IsTrueOfTheRigs(ToldAlert alert, int minute) => alert.Kind switch
    {
        AnomalyKind.MeterMismatch => HiddenShare(alert.Site, minute) >= LeastHidden,
        AnomalyKind.PhaseImbalance => _fleet.Faults.Any(fault =>
            _fleet.PartOf(false, fault.Rig / FleetGenerator.RigsPerFeeder) == alert.Rig && IsAbout(fault, minute) && fault.Kind
                is AnomalyKind.Offline or AnomalyKind.PowerWithoutHash or AnomalyKind.DeadHashBoard or AnomalyKind.ThermalThrottling
                or AnomalyKind.OverNameplate),
        _ => false,
    };

    public string Report()
    {
        StringBuilder report = new();
        report.AppendLine("| kind | faults | recall | of those big enough | precision | minutes to detect, median / 95 % | other kind | false |");
        report.AppendLine("| --- | --- | --- | --- | --- | --- | --- | --- |");
        foreach (IGrouping<AnomalyKind, FleetFault> kind in _faults.GroupBy(fault => fault.Kind).OrderBy(group => group.Key))
        {
            Row(report, kind.Key.Code(), [.. kind], _misnamed.GetValueOrDefault(kind.Key), _false.GetValueOrDefault(kind.Key));
        }

        Row(report, "**all**", _faults, _misnamed.Values.Sum(), _false.Values.Sum());
        double alerts = _false.Values.Sum() * 1000.0 / _fleet.Rigs.Count / _fleet.Days;
        report.AppendLine();
        report.AppendLine(CultureInfo.InvariantCulture, $"False alerts per 1,000 rigs and day: **{alerts:0.00}**.");
        return report.ToString();
    }

    public string BySize(AnomalyKind kind, string what, params double[] bounds)
    {
        StringBuilder report = new();
        report.AppendLine(CultureInfo.InvariantCulture, $"| {kind.Code()}: {what} | faults | found |");
        report.AppendLine("| --- | --- | --- |");
        for (int i = 0; i + 1 < bounds.Length; i++)
        {
            FleetFault[] some = [.. _faults.Where(f => f.Kind == kind && f.Size >= bounds[i] && f.Size < bounds[i + 1])];
            if (some.Length > 0)
            {
                report.AppendLine(
                    CultureInfo.InvariantCulture,
                    $"| {bounds[i]:P0} to {bounds[i + 1]:P0} | {some.Length} | {(double)some.Count(_delays.ContainsKey) / some.Length:P0} |");
            }
        }

        return report.ToString();
    }

    /// <summary>
    /// What an operator would call a fault. Below, a fault counts in the tables by size: a rig that loses 5 % of a hash rate that is 6 %
    /// noise is nobody's alert.
    /// </summary>
    private static bool IsBigEnough(FleetFault fault) => fault.Kind switch
    {
        AnomalyKind.HashBelowBaseline => fault.Size >= 0.15,
        AnomalyKind.EfficiencyDrift => fault.Size >= 0.10,
        AnomalyKind.OverNameplate => fault.Size >= 0.12,
        AnomalyKind.MeterMismatch => fault.Size >= 0.03,
        AnomalyKind.PhaseImbalance => fault.Size >= 0.4,
        AnomalyKind.DuplicateIdentity => fault.Variant < 0.5 || fault.Size >= 0.05,
        _ => true,
    };

    /// <summary>True of the fault, if not its name: a doubled device's register does fall, fewer hashes from the same power do cost J/TH.</summary>
    private static bool IsTrueSymptom(AnomalyKind told, AnomalyKind fault) => (told, fault)
        is (AnomalyKind.CounterReset, AnomalyKind.DuplicateIdentity)
        or (AnomalyKind.EfficiencyDrift, AnomalyKind.HashBelowBaseline)
        or (AnomalyKind.OverNameplate, AnomalyKind.EfficiencyDrift);

    /// <summary>What rigs of a site draw that none of them reports, as a share: it is missing against the meter, and nobody's theft.</summary>
    private double HiddenShare(int site, int minute) => (double)_fleet.Faults.Count(fault =>
        fault.Rig / FleetGenerator.RigsPerSite == site && minute >= fault.From && minute <= fault.To + GraceMinutes
        && (fault.Kind == AnomalyKind.HashWithoutPower || fault is { Kind: AnomalyKind.Offline, Variant: >= 0.7 })) / FleetGenerator.RigsPerSite;

    private static bool IsAbout(FleetFault fault, int minute) => minute >= fault.From - 1 && minute <= fault.To + (fault.Kind == AnomalyKind.MeterMismatch ? 2 : 1) * GraceMinutes;

    private static void Count(Dictionary<AnomalyKind, int> counts, AnomalyKind kind) =>
        counts[kind] = counts.GetValueOrDefault(kind) + 1;

    private void Row(StringBuilder report, string name, IReadOnlyList<FleetFault> faults, int misnamed, int wrong)
    {
        FleetFault[] big = [.. faults.Where(IsBigEnough)];
        int[] delays = [.. faults.Where(_delays.ContainsKey).Select(fault => _delays[fault]).Order()];
        string time = delays.Length == 0 ? "" : $"{delays[delays.Length / 2]} / {delays[delays.Length * 95 / 100]}";
        double precision = delays.Length == 0 ? 0 : delays.Length / (double)(delays.Length + misnamed + wrong);
        report.AppendLine(
            CultureInfo.InvariantCulture,
            $"| {name} | {faults.Count} | {delays.Length / (double)faults.Count:0.000} | {big.Count(_delays.ContainsKey) / (double)Math.Max(1, big.Length):0.000} | {precision:0.000} | {time} | {misnamed} | {wrong} |");
    }
}
