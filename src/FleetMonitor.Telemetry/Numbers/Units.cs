using System.Text;

namespace FleetMonitor.Telemetry.Numbers;

/// <summary>The units that one quantity may be reported in, and the way from each to the unit that is counted in.</summary>
public sealed class Units
{
    /// <summary>To milliwatts.</summary>
    public static readonly Units Power = new("a unit of power", ("W", new Scale(3)), ("kW", new Scale(6)), ("MW", new Scale(9)));

    /// <summary>To milliwatts, or to milliamperes.</summary>
    public static readonly Units PowerOrCurrent = new(
        "a unit of power or current", ("W", new Scale(3)), ("kW", new Scale(6)), ("MW", new Scale(9)), ("A", new Scale(3)), ("mA", new Scale(0)));

    /// <summary>To microwatt-hours. A watt-minute is 10⁶/60 of them; a joule, which is a watt-second, 10⁶/3600.</summary>
    public static readonly Units Energy = new(
        "a unit of energy",
        ("Wh", new Scale(6)),
        ("kWh", new Scale(9)),
        ("MWh", new Scale(12)),
        ("Wmin", new Scale(5, 6)),
        ("Ws", new Scale(4, 36)),
        ("J", new Scale(4, 36)));

    /// <summary>To megahashes per second.</summary>
    public static readonly Units HashRate = new(
        "a unit of hash rate",
        ("H/s", new Scale(-6)),
        ("kH/s", new Scale(-3)),
        ("MH/s", new Scale(0)),
        ("GH/s", new Scale(3)),
        ("TH/s", new Scale(6)),
        ("PH/s", new Scale(9)),
        ("EH/s", new Scale(12)));

    /// <summary>To thousandths of a degree Celsius.</summary>
    public static readonly Units Temperature = new("a unit of temperature", ("°C", new Scale(3)));

    private readonly (string Name, byte[] Stem, Scale Scale)[] units;

    private Units(string description, params ReadOnlySpan<(string Name, Scale Scale)> units)
    {
        Description = description;
        this.units = new (string, byte[], Scale)[units.Length];
        for (int i = 0; i < units.Length; i++)
        {
            (string name, Scale scale) = units[i];
            this.units[i] = (name, Stem(Encoding.UTF8.GetBytes(name)).ToArray(), scale);
        }
    }

    public string Description { get; }

    public IEnumerable<string> Names => units.Select(unit => unit.Name);

    /// <summary>The unit that a profile names, exactly as written here.</summary>
    public Scale? Named(string name)
    {
        foreach ((string known, _, Scale scale) in units)
        {
            if (known == name)
            {
                return scale;
            }
        }

        return null;
    }

    /// <summary>The unit of hash rate that a payload names: whatever the case, also as <c>TH</c> and <c>THS</c>.</summary>
    public bool TryFind(ReadOnlySpan<byte> name, out Scale scale)
    {
        ReadOnlySpan<byte> stem = Stem(name);
        foreach ((_, byte[] known, Scale found) in units)
        {
            if (Ascii.EqualsIgnoreCase(stem, known))
            {
                scale = found;
                return true;
            }
        }

        scale = default;
        return false;
    }

    /// <summary>A rate's unit without its "per second".</summary>
    private static ReadOnlySpan<byte> Stem(ReadOnlySpan<byte> name)
    {
        if (name.EndsWith("/s"u8) || name.EndsWith("/S"u8))
        {
            return name[..^2];
        }

        bool perSecond = name.Length >= 2 && (name[^1] | 0x20) == 's' && (name[^2] | 0x20) == 'h';
        return perSecond ? name[..^1] : name;
    }
}
