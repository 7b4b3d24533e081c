using FleetMonitor.Fleet.Units;
using FleetMonitor.Ledger.Encoding;
using FleetMonitor.Ledger.Evidence;
using FleetMonitor.Metering;
using Xunit;

namespace FleetMonitor.Tests.Ledger;

public sealed class MeterRunCodecTests
{
    /// <summary>As ledgers hold it that were written before runs were told from their newest power.</summary>
    private static readonly byte[] UsualWhole = Convert.FromHexString(
        "B3D4A9D2BCE367E8AF8B03DED0CDAFE367F6D8840D80DDE8CFF63AC09CCCBCE3670505909DBF0FC8C58A03D8D28F0305C0869E8C04E8D607C0AF812B00");

    private static readonly MeterRun Usual = new()
    {
        Meter = new MeterState
        {
            HasPower = true,
            PowerAt = new Instant(1_782_877_669_994),
            Power = new Power(3_238_900),
            HasRegister = true,
            FirstRegisterAt = new Instant(1_782_864_000_047),
            RegisterAt = new Instant(1_782_877_669_994),
            Highest = new Energy(1_012_353_800_000),
        },
        Window = new DeviceWindow
        {
            Start = new Instant(1_782_877_620_000),
            Readings = 5,
            PowerReadings = 5,
            PowerSum = 16_246_600,
            PowerMin = new Power(3_232_100),
            PowerMax = new Power(3_273_900),
            HashRateReadings = 5,
            HashRateSum = 549_700_000,
            TemperatureMax = new Temperature(62_900),
            Energy = 45_100_000,
            HasTemperature = true,
            HasRegister = true,
        },
    };

    [Fact]
    public void Run_OfAUsualRig_TakesElevenBytesLessThanWrittenWhole()
    {
        var bytes = new ByteWriter();
        MeterRunCodec.Write(bytes, Usual);
        Assert.Equal(UsualWhole.Length - 11, bytes.Length);
        Assert.Equal(Usual, Read(bytes.ToArray()));
    }

    [Fact]
    public void Run_ThatAnEarlierVersionWroteWhole_IsReadAsItWas() => Assert.Equal(Usual, Read(UsualWhole));

    [Fact]
    public void Run_OfAnyParts_ComesBackExactly()
    {
        MeterRun noPower = Usual with { Meter = Usual.Meter with { HasPower = false, PowerAt = default, Power = default } };
        MeterRun noWindow = Usual with { Window = default };
        MeterRun tail = Usual with
        {
            Meter = Usual.Meter with { TailHasGap = true, Tail = [new TailDay(new DateOnly(2026, 6, 30), new Energy(7), new Energy(-1))] },
        };
        foreach (MeterRun run in (MeterRun[])[default, Usual, noPower, noWindow, tail])
        {
            var bytes = new ByteWriter();
            MeterRunCodec.Write(bytes, run);
            Assert.Equal(run, Read(bytes.ToArray()));
        }
    }

    private static MeterRun Read(byte[] from)
    {
        var bytes = new ByteReader(from);
        MeterRun run = MeterRunCodec.Read(ref bytes);
        Assert.True(bytes.AtEnd);
        return run;
    }
}
