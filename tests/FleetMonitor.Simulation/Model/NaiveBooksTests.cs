using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using Xunit;
using static FleetMonitor.Simulation.Model.CaseWords;

namespace FleetMonitor.Simulation.Model;

public class NaiveBooksTests
{
    private static readonly DateOnly TheDay = new(2026, 7, 1);

    private static readonly Site Hall = new()
    {
        Id = "hall",
        TimeZone = TimeZoneInfo.Utc,
        MaxPower = new Power(6_000),
        Devices = new Dictionary<string, Device>
        {
            ["rig"] = new() { Id = "rig", Role = DeviceRole.Rig, Nameplate = new Nameplate(new Power(3_600), null) },
            ["fed-rig"] = new() { Id = "fed-rig", Role = DeviceRole.Rig, FedBy = "pdu" },
            ["pdu"] = new() { Id = "pdu", Role = DeviceRole.Feeder },
            ["meter"] = new() { Id = "meter", Role = DeviceRole.ControlMeter },
        },
    };

    // At 1 µWh a millisecond: 1, 2, 4 and 8 s, and 16 s of a device that the site does not list.
    private static readonly ModelDevice[] Reporting =
    [
        new("rig", [Power("10:00:00", 3_600), Power("10:00:01", 3_600)]),
        new("fed-rig", [Power("10:00:00", 3_600), Power("10:00:02", 3_600)]),
        new("pdu", [Power("10:00:00", 3_600), Power("10:00:04", 3_600)]),
        new("meter", [Power("10:00:00", 3_600), Power("10:00:08", 3_600)]),
        new("unlisted", [Power("10:00:00", 3_600), Power("10:00:16", 3_600)]),
    ];

    // The rig, the PDU and the unlisted device: 1000 + 4000 + 16,000. The fed rig is in the PDU's count.
    [Fact]
    public void Billed_ByDevices_LeavesOutFedDevicesAndControlMeters()
    {
        NaiveBooks books = NaiveBooks.Of(Hall, ModelOptions.Default, Reporting);

        Assert.Equal(new Dictionary<DateOnly, ModelEnergy> { [TheDay] = new(0, 21_000, 0) }, books.Billed);
        Assert.Equal(5, books.Devices.Count);
        Assert.Equal(2_000, books.Devices["fed-rig"].Total.Total);
    }

    [Fact]
    public void Billed_ByControlMeter_IsTheControlMetersAlone()
    {
        NaiveBooks books = NaiveBooks.Of(Hall with { Basis = BillingBasis.ControlMeter }, ModelOptions.Default, Reporting);

        Assert.Equal(new Dictionary<DateOnly, ModelEnergy> { [TheDay] = new(0, 8_000, 0) }, books.Billed);
    }

    // Twice 3600 mW; 1.2 times 6000 mW; and the 5 MW of a device of which nothing is known.
    [Theory]
    [InlineData("rig", 7_200)]
    [InlineData("meter", 7_200)]
    [InlineData("pdu", 5_000_000_000)]
    [InlineData("unlisted", 5_000_000_000)]
    public void MaxPower_OfADevice_IsByWhatIsKnownOfIt(string device, long milliwatts) => Assert.Equal(
        new Power(milliwatts), NaiveBooks.MaxPower(Hall, Hall.Devices.GetValueOrDefault(device), ModelOptions.Default));
}
