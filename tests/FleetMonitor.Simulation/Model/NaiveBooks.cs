using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Telemetry;

namespace FleetMonitor.Simulation.Model;

/// <summary>What one device of a site reported.</summary>
/// <param name="DisplayStep">The resolution of its register, as its payload's profile states it.</param>
public sealed record ModelDevice(string Id, IReadOnlyList<Reading> Readings, Energy DisplayStep = default);

/// <summary>The books of one site: each device's, and the sum of what is billed (S12).</summary>
public sealed class NaiveBooks
{
    private NaiveBooks(IReadOnlyDictionary<string, ModelBooks> devices, IReadOnlyDictionary<DateOnly, ModelEnergy> billed)
    {
        Devices = devices;
        Billed = billed;
    }

    public IReadOnlyDictionary<string, ModelBooks> Devices { get; }

    /// <summary>Billed energy by local day, without days that hold nothing.</summary>
    public IReadOnlyDictionary<DateOnly, ModelEnergy> Billed { get; }

    public static NaiveBooks Of(Site site, ModelOptions options, IEnumerable<ModelDevice> reporting)
    {
        Dictionary<string, ModelBooks> devices = [];
        SortedDictionary<DateOnly, ModelEnergy> billed = [];
        foreach (ModelDevice reported in reporting)
        {
            // A device that the site does not list is metered all the same, as unregistered.
            Device? device = site.Devices.GetValueOrDefault(reported.Id);
            ModelBooks books = NaiveMeter.BooksOf(new ModelInput(
                site.TimeZone,
                new ModelLimits(MaxPower(site, device, options), device?.RegisterModulus, reported.DisplayStep),
                options,
                reported.Readings));
            devices.Add(reported.Id, books);
            if (IsBilled(site, device))
            {
                foreach ((DateOnly day, ModelEnergy energy) in books.Days)
                {
                    billed[day] = billed.GetValueOrDefault(day) + energy;
                }
            }
        }

        return new NaiveBooks(devices, billed);
    }

    /// <summary>S12: by devices, all but control meters and what another device's meter already counts; else control meters only.</summary>
    public static bool IsBilled(Site site, Device? device) => site.Basis switch
    {
        BillingBasis.Devices => device is null || (device.Role != DeviceRole.ControlMeter && device.FedBy is null),
        BillingBasis.ControlMeter => device is { Role: DeviceRole.ControlMeter },
        _ => throw new ArgumentOutOfRangeException(nameof(site), site.Basis, null),
    };

    /// <summary>S7: twice the nameplate; for a control meter without one 1.2 times the site's maximum; else the greatest of any device.</summary>
    public static Power MaxPower(Site site, Device? device, ModelOptions options)
    {
        if (device?.Nameplate is { } nameplate)
        {
            return new Power(2 * nameplate.Power.Milliwatts);
        }

        if (device is { Role: DeviceRole.ControlMeter } && site.MaxPower is { } most)
        {
            return new Power(most.Milliwatts * 12 / 10);
        }

        return options.MaxDevicePower;
    }
}
