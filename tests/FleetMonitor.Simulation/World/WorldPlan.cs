using System.Globalization;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Simulation.World;

/// <summary>A world, whole: everything that will happen in it.</summary>
/// <param name="Seed">Makes it again: <c>WorldWriter.Write(seed)</c>.</param>
internal sealed record WorldPlan(
    int Seed,
    Instant Start,
    IReadOnlyList<BrokerTraits> Brokers,
    StoreTraits Store,
    FleetSnapshot Fleet,
    ServiceSettings Settings,
    IReadOnlyList<Act> Acts)
{
    public string Describe() => string.Create(
        CultureInfo.InvariantCulture,
        $"world {Seed} from {Start}, {string.Join(", ", Brokers)}, {Store}\n  {Settings}\n  {new TakeFleet(0, Fleet)}\n  ")
        + string.Join("\n  ", Acts);
}
