using FleetMonitor.Fleet.Units;

namespace FleetMonitor.Fleet;

/// <summary>What a site's levy is counted on (S12).</summary>
public enum BillingBasis
{
    /// <summary>Rigs, feeders and unregistered devices, except those fed by another reporting device.</summary>
    Devices,

    /// <summary>Control meters only; device rows are allocations.</summary>
    ControlMeter,
}

public enum DeviceRole
{
    Rig,
    Feeder,
    ControlMeter,
}

public enum EnergySource
{
    Grid,
    Own,
    OwnRenewable,
    OffGrid,
}

public enum MeterStatus
{
    Working,
    Faulty,
    Absent,
}

public sealed record Payer(string Name, string Bin);

public sealed record Nameplate(Power Power, HashRate? HashRate);

/// <summary>What the fleet file says of one site. All dated facts are local dates in <see cref="TimeZone"/>.</summary>
public sealed record Site
{
    public required string Id { get; init; }

    public string? Name { get; init; }

    public required TimeZoneInfo TimeZone { get; init; }

    public BillingBasis Basis { get; init; } = BillingBasis.Devices;

    public Payer? Payer { get; init; }

    /// <summary>The codes of what the payer is registered as doing, such as <c>63111</c>.</summary>
    public IReadOnlyList<string> ActivityCodes { get; init; } = [];

    public Power? MaxPower { get; init; }

    /// <summary>Licence subtype by date, such as <c>subtype-1</c>; the value <c>none</c> states that there is no licence.</summary>
    public IReadOnlyList<Dated<string>> Licence { get; init; } = [];

    /// <summary>Notice of the data centre that was given to the ministry, by its number.</summary>
    public IReadOnlyList<Dated<string>> MinistryNotice { get; init; } = [];

    public IReadOnlyList<Dated<EnergySource>> EnergySource { get; init; } = [];

    /// <summary>Average price of electricity by contract, in the schedule's currency per kWh.</summary>
    public IReadOnlyList<Dated<decimal>> ContractPrice { get; init; } = [];

    public IReadOnlyList<Dated<MeterStatus>> MeterStatus { get; init; } = [];

    /// <summary>Planned less power: what then falls is no fault. Nothing else depends on it.</summary>
    public IReadOnlyList<Curtailment> Curtailments { get; init; } = [];

    public IReadOnlyDictionary<string, Device> Devices
    {
        get;
        init
        {
            field = value;
            KeepsImportPermits = value.Values.Any(device => device.ImportPermit is not null);
        }
    } = new Dictionary<string, Device>();

    /// <summary>True where any of its devices has a permit: one without is then missing it.</summary>
    public bool KeepsImportPermits { get; private init; }

    /// <summary>True where no fleet file named the site: it registered itself by sending (only without a fleet file).</summary>
    public bool SelfRegistered { get; init; }
}

/// <summary>What the fleet file says of one device.</summary>
public sealed record Device
{
    public required string Id { get; init; }

    public required DeviceRole Role { get; init; }

    public string? Model { get; init; }

    /// <summary>The device whose meter already counts this one's energy.</summary>
    public string? FedBy { get; init; }

    /// <summary>Where it stands, such as <c>A-07</c>: devices of one rack are drawn together.</summary>
    public string? Rack { get; init; }

    public Nameplate? Nameplate { get; init; }

    public string? ImportPermit { get; init; }

    public IReadOnlyList<Dated<string>> Tenant { get; init; } = [];

    /// <summary>Where its register wraps to zero, where that is known (S7).</summary>
    public Energy? RegisterModulus { get; init; }
}
