using System.Collections.Frozen;

namespace FleetMonitor.Fleet;

/// <summary>The names that the fleet file uses for what has a fixed set of values; the one place they are written.</summary>
public static class FleetNames
{
    public static IReadOnlyDictionary<string, BillingBasis> Bases { get; } = Table(
        ("devices", BillingBasis.Devices),
        ("control-meter", BillingBasis.ControlMeter));

    public static IReadOnlyDictionary<string, DeviceRole> Roles { get; } = Table(
        ("rig", DeviceRole.Rig),
        ("feeder", DeviceRole.Feeder),
        ("control-meter", DeviceRole.ControlMeter));

    public static IReadOnlyDictionary<string, EnergySource> EnergySources { get; } = Table(
        ("grid", EnergySource.Grid),
        ("own", EnergySource.Own),
        ("own-renewable", EnergySource.OwnRenewable),
        ("off-grid", EnergySource.OffGrid));

    public static IReadOnlyDictionary<string, MeterStatus> MeterStatuses { get; } = Table(
        ("working", MeterStatus.Working),
        ("faulty", MeterStatus.Faulty),
        ("absent", MeterStatus.Absent));

    /// <summary>Licence subtypes, and <c>none</c> for a site that states it has no licence.</summary>
    public static IReadOnlySet<string> Licences { get; } =
        new[] { "subtype-1", "subtype-2", "none" }.ToFrozenSet(StringComparer.Ordinal);

    /// <summary>The name of a value.</summary>
    public static string NameOf<TValue>(this IReadOnlyDictionary<string, TValue> names, TValue value)
        where TValue : struct, Enum =>
        names.First(pair => EqualityComparer<TValue>.Default.Equals(pair.Value, value)).Key;

    private static Dictionary<string, TValue> Table<TValue>(params ReadOnlySpan<(string Name, TValue Value)> entries)
    {
        var table = new Dictionary<string, TValue>(StringComparer.Ordinal);
        foreach ((string name, TValue value) in entries)
        {
            table.Add(name, value);
        }

        return table;
    }
}
