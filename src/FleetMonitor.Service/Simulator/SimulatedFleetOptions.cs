using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Service.Simulator;

/// <summary>What a simulated fleet is made from; the same options give the same fleet.</summary>
public sealed record SimulatedFleetOptions
{
    public const string DefaultTimeZone = "Asia/Almaty";

    public const string DefaultSite = "site-1";

    /// <summary>Devices are <c>rig-1</c> to <c>rig-N</c>.</summary>
    public required int Rigs { get; init; }

    public ulong Seed { get; init; } = 1;

    /// <summary>When its devices begin to draw power; taken down to a whole 100 ms.</summary>
    public required Instant Start { get; init; }

    public string Site { get; init; } = DefaultSite;

    /// <summary>Whose local days the truth is counted in.</summary>
    public required TimeZoneInfo TimeZone { get; init; }

    public IReadOnlyList<Fault> Faults { get; init; } = [];
}
