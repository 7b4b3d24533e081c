using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger;
using FleetMonitor.Metering;
using FleetMonitor.Service.Pipeline;
using FleetMonitor.Telemetry;
using Xunit;

namespace FleetMonitor.Tests.Pipeline;

/// <summary>What a checkpoint keeps of a device.</summary>
public sealed class DeviceStateCodecTests
{
    private const byte ThisVersion = 3;

    private static readonly Reading First = new(
        new Instant(1_000), ReadingFields.Power | ReadingFields.Register, Power: new Power(3_250_000), Register: new Energy(17_000));

    private static readonly Reading Second = new(new Instant(11_000), ReadingFields.Power, Power: new Power(3_251_000));

    private readonly MeterContexts _contexts = new();

    [Theory]
    [InlineData(ThisVersion)]
    [InlineData(2)]
    public void State_OfThisVersionAndTheOneBefore_IsReadBack(byte version)
    {
        byte[] state = State();
        Assert.Equal(ThisVersion, state[0]);
        state[0] = version;
        TrackedDevice device = Device();

        new DeviceStateCodec(_contexts).Read(state, device);

        Assert.Equal([First, Second], device.Meter.Buffered());
        Assert.Equal(1, device.Meter.SettledCount);
        Assert.Equal(new Instant(11_500), device.LastReceived);
        Assert.Equal(
            new Reading(Second.At, First.Fields, Power: Second.Power, Register: First.Register),
            device.Last);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(ThisVersion + 1)]
    public void State_OfAnyOtherVersion_IsRefusedWithTheDevicesName(byte version)
    {
        byte[] state = State();
        state[0] = version;

        LedgerCorruptException refusal = Assert.Throws<LedgerCorruptException>(() => new DeviceStateCodec(_contexts).Read(state, Device()));

        Assert.Contains("site/rig", refusal.Message, StringComparison.Ordinal);
    }

    private byte[] State()
    {
        TrackedDevice device = Device();
        device.Context = _contexts.Intern(
            new MeteringOptions(), new MeterLimits(new Power(5_000_000_000), new Energy(1_000_000), null), TimeZoneInfo.Utc);
        var sink = new DeviceSink(device, new ShardOutput());
        foreach (Reading reading in (Reading[])[First, Second])
        {
            Reading? last = device.Last;
            device.Meter.Admit(reading, device.Context, ref sink);
            device.See(reading, reading.At.Plus(TimeSpan.FromMilliseconds(500)), last);
        }

        device.Meter.Settle(First.At, device.Context, ref sink);
        return new DeviceStateCodec(_contexts).Write(device);
    }

    private static TrackedDevice Device() => new(0, new DeviceKey("site", "rig"), new ShardMemory());
}
