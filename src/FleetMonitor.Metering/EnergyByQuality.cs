using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Metering;

/// <summary>Energy of one device and local day (or a sum of such), kept apart by how it is known.</summary>
public readonly record struct EnergyByQuality(Energy Register, Energy Integrated, Energy Estimated)
{
    public static readonly EnergyByQuality Zero;

    public Energy Total => Register + Integrated + Estimated;

    public static EnergyByQuality Of(EnergyQuality quality, Energy energy) => quality switch
    {
        EnergyQuality.Register => new(energy, default, default),
        EnergyQuality.Integrated => new(default, energy, default),
        EnergyQuality.Estimated => new(default, default, energy),
        _ => throw new ArgumentOutOfRangeException(nameof(quality), quality, null),
    };

    public static EnergyByQuality operator +(EnergyByQuality left, EnergyByQuality right) =>
        new(left.Register + right.Register, left.Integrated + right.Integrated, left.Estimated + right.Estimated);

    public static EnergyByQuality operator -(EnergyByQuality left, EnergyByQuality right) =>
        new(left.Register - right.Register, left.Integrated - right.Integrated, left.Estimated - right.Estimated);
}
