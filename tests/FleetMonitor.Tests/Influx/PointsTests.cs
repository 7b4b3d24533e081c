using System.Text;
using FleetMonitor.Anomalies;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Metering;
using FleetMonitor.Service.Influx;
using Xunit;

namespace FleetMonitor.Tests.Influx;

public class PointsTests
{
    private static readonly Instant Start = Instant.From(new DateTimeOffset(2026, 11, 21, 10, 0, 0, TimeSpan.Zero));

    private readonly LineWriter _lines = new();

    [Fact]
    public void Device_WithEverything_HasEveryField()
    {
        // 3000 W and 3001 W and 3001 W; 100 and 101 TH/s: means 3000.666… W and 100.5 TH/s, their ratio 29.857379… J/TH.
        Points.Device(_lines, new DeviceKey("ekibastuz-1", "rig-1"), DeviceRole.Rig, new DeviceWindow
        {
            Start = Start,
            Readings = 3,
            PowerReadings = 3,
            PowerSum = 9_002_000,
            PowerMin = new Power(3_000_000),
            PowerMax = new Power(3_001_000),
            HashRateReadings = 2,
            HashRateSum = 201_000_000,
            HasTemperature = true,
            TemperatureMax = new Temperature(61_500),
            Energy = 16_670_000,
            Estimated = 1,
        });

        Assert.Equal(
            "device,device=rig-1,role=rig,site=ekibastuz-1 power_mean_w=3000.667,power_min_w=3000,power_max_w=3001,hashrate_mean_ths=100.5,"
            + "energy_wh=16.67,estimated_wh=0.000001,efficiency_j_th=29.857,temp_max_c=61.5,readings=3i 1795255200\n",
            Text());
    }

    [Fact]
    public void Device_ThatMeasuredLittle_OmitsWhatItDidNotMeasure()
    {
        Points.Device(_lines, new DeviceKey("s", "r"), DeviceRole.Feeder, new DeviceWindow
        {
            Start = Start,
            Readings = 1,
            HashRateReadings = 1,
            HashRateSum = 0,
        });

        Assert.Equal("device,device=r,role=feeder,site=s hashrate_mean_ths=0,readings=1i 1795255200\n", Text());
    }

    [Fact]
    public void Device_WhoseRegisterReplacedEnergy_HasNegativeEnergy()
    {
        Points.Device(_lines, new DeviceKey("s", "m"), DeviceRole.ControlMeter, new DeviceWindow { Start = Start, Readings = 1, Energy = -2_500_000 });

        Assert.Equal("device,device=m,role=control-meter,site=s energy_wh=-2.5,estimated_wh=0,readings=1i 1795255200\n", Text());
    }

    [Fact]
    public void Site_SumsDevices_AndCountsEnergyOfBilledOnesOnly()
    {
        var sums = default(SiteSums);
        sums.Add(new WindowShare(Billed: true, 3_000_000, 100_000_000, 50_000_000, 0, 60_000, 6));
        sums.Add(new WindowShare(Billed: true, 1_000_000, null, 20_000_000, 5, 40_000, 6));
        sums.Add(new WindowShare(Billed: false, 9_000_000, 60_000_000, 90_000_000, 7, null, 1));
        Points.Site(_lines, "s", Start, sums);

        Assert.Equal(
            "site,site=s power_mean_w=4000,hashrate_mean_ths=160,energy_wh=70,estimated_wh=0.000005,efficiency_j_th=25,temp_max_c=60,readings=13i"
            + " 1795255200\n",
            Text());
    }

    [Fact]
    public void SiteState_WithUnratedEnergy_OmitsTheLevy()
    {
        Points.SiteState(_lines, "s", Start, new StateCounts(3, 2, 1, 4), new SiteLevy(null, 12.5m));

        Assert.Equal("site,site=s mining=3i,idle=2i,stale=1i,offline=4i,levy_period=12.5 1795255200\n", Text());
    }

    [Fact]
    public void Anomaly_IsStampedWithItsOwnTime()
    {
        var anomaly = new Anomaly
        {
            Id = "offline-1",
            Site = "s",
            Device = "rig 1",
            Kind = AnomalyKind.Offline,
            Severity = AnomalySeverity.Warning,
            Raised = Start,
            Score = 1,
            Text = "Heard 5 min ago.",
            Evidence = [],
            KwhPerDay = 78,
            LevyPerDay = 156m,
        };
        Points.Anomaly(_lines, new AnomalyChange(AnomalyChangeType.Raised, anomaly, Start));
        Points.Anomaly(_lines, new AnomalyChange(AnomalyChangeType.Updated, anomaly, Start));
        Points.Anomaly(_lines, new AnomalyChange(AnomalyChangeType.Cleared, anomaly with { Cleared = Start.Plus(TimeSpan.FromMinutes(1)), LevyPerDay = null }, Start));

        Assert.Equal(
            "anomaly,device=rig\\ 1,kind=offline,severity=warning,site=s event=\"raised\",levy_per_day=156,text=\"Heard 5 min ago.\" 1795255200\n"
            + "anomaly,device=rig\\ 1,kind=offline,severity=warning,site=s event=\"cleared\",text=\"Heard 5 min ago.\" 1795255260\n",
            Text());
    }

    [Fact]
    public void Service_HasWhatItDidInTheWindow_AndHowItStoodAtItsEnd()
    {
        Points.Service(_lines, "site office", new ServiceWindow
        {
            Start = Start,
            Messages = 600,
            Readings = 590,
            Duplicates = 4,
            Late = 3,
            Quarantined = 2,
            Commits = 60,
            Committing = TimeSpan.FromMilliseconds(612.9),
            Sources = 2,
            SourcesConnected = 1,
            PointsSent = 300,
            PointsLost = 1,
            OutboxBytes = 1_234,
            OutboxLag = TimeSpan.FromSeconds(90.5),
            LedgerBytes = 5_000_000_000,
            DiskFreeBytes = 60_000_000_000,
            MemoryBytes = 200_000_000,
            Processor = TimeSpan.FromSeconds(12),
            Uptime = TimeSpan.FromHours(1),
        });

        Assert.Equal(
            "service,host=site\\ office messages=600i,readings=590i,duplicates=4i,late=3i,quarantined=2i,commits=60i,commit_s=0.612,sources=2i,"
            + "sources_connected=1i,points_sent=300i,points_lost=1i,outbox_bytes=1234i,outbox_lag_s=90.5,ledger_bytes=5000000000i,"
            + "disk_free_bytes=60000000000i,memory_bytes=200000000i,cpu_s=12,uptime_s=3600 1795255200\n",
            Text());
    }

    [Theory]
    [InlineData(5, 2, 2)]
    [InlineData(7, 2, 4)]
    [InlineData(-5, 2, -2)]
    [InlineData(-7, 2, -4)]
    [InlineData(8, 3, 3)]
    [InlineData(-8, 3, -3)]
    [InlineData(7, 3, 2)]
    public void Divide_RoundsHalfToEven(long dividend, long divisor, long expected) =>
        Assert.Equal(expected, Rounded.Divide(dividend, divisor));

    private string Text() => Encoding.UTF8.GetString(_lines.Written);
}
