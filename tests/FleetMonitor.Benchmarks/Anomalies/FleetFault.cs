using FleetMonitor.Anomalies;
using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Benchmarks.Anomalies;

/// <summary>A fault that was put in, and so what an alert should say. Times are minutes from the beginning.</summary>
/// <param name="Size">How big, in the kind's own terms: a lost share, an excess, a number of minutes.</param>
/// <param name="Variant">Which way it goes, drawn at random.</param>
internal sealed record FleetFault(AnomalyKind Kind, int Rig, int From, int To, double Size, double Variant)
{
    public bool Holds(int minute) => minute >= From && minute < To;
}

/// <summary>What is planned: power off, half power, or a part of the rigs off.</summary>
internal enum PlannedStop
{
    Off,
    Half,
    Maintenance,
}

internal sealed record GeneratedRig(
    int Site, int Number, double Watts, double Terahashes, double NameplateWatts, double HashNoise, double PowerNoise, double Celsius);

/// <param name="Phases">On which phase each of its rigs is.</param>
internal sealed record GeneratedFeeder(int Site, int Number, int[] Phases, double Noise);

/// <summary>An alert that was told. Its rig is a rig's number, a part's, or -1 for the site.</summary>
internal sealed record ToldAlert(int Site, int Rig, AnomalyKind Kind, Instant At);
