using System.Globalization;
using System.Text;
using FleetMonitor.Anomalies;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Metering;
using FleetMonitor.RealServers.Servers;
using FleetMonitor.Service.Influx;
using Xunit;

namespace FleetMonitor.RealServers.Influx;

/// <summary>
/// A real InfluxDB that holds one local day (Almaty's 21 November 2026) of two sites, written as the service writes it. A site has three rigs;
/// in minute m of the day, rig r of site s (both from 1) draws 1000·s + 10·r + m W, hashes 100 TH/s, sends six readings, and has half a
/// watt-hour of its energy estimated. Site s has s rigs mining and s offline; its levy stands at s·m today and 1000·s + s·m in the period.
/// </summary>
public sealed class DashboardDay : IAsyncLifetime
{
    public const int Minutes = 24 * 60;

    /// <summary>The energy of site s over the day, in Wh: a minute is a sixtieth of its power, which averages 3000·s + 60 + 3·719.5 W.</summary>
    public static double EnergyOf(int s) => 24 * ((3_000 * s) + 60 + (3 * 719.5));

    /// <summary>What is estimated of one site's: three rigs, half a watt-hour a minute.</summary>
    public const double Estimated = 3 * Minutes * 0.5;

    /// <summary>Midnight in Almaty, which is five hours ahead of UTC: 2026-11-20T19:00:00Z, in Unix seconds.</summary>
    private const long Start = 1_795_201_200;
    private const long End = Start + (Minutes * 60);

    private readonly string _folder = Directory.CreateTempSubdirectory("fleetmonitor-").FullName;
    private InfluxdServer? _store;

    public Task InitializeAsync() => Task.CompletedTask;

    /// <summary>Not before it is asked for: where there is no influxd, the tests skip.</summary>
    public async Task<InfluxdServer> StoreAsync()
    {
        if (_store is null)
        {
            _store = await InfluxdServer.StartAsync(_folder);
            await _store.QueryAsync("CREATE DATABASE fleetmonitor");
            var lines = new LineWriter();
            WriteSites(lines);
            WriteAnomalies(lines);
            WriteService(lines);
            await _store.WriteAsync(Encoding.UTF8.GetString(lines.Written));
        }

        return _store;
    }

    public async Task DisposeAsync()
    {
        if (_store is not null)
        {
            await _store.StopAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>Puts in what Grafana puts in: the whole day in minutes.</summary>
    public static string Filled(string query, string sites, string device = "s1-rig-2")
    {
        string filled = query
            .Replace("$timeFilter", string.Create(CultureInfo.InvariantCulture, $"time >= {Start}s AND time < {End}s"), StringComparison.Ordinal)
            .Replace("$__interval_ms", "60000", StringComparison.Ordinal)
            .Replace("$__interval", "1m", StringComparison.Ordinal)
            .Replace("${site:regex}", sites, StringComparison.Ordinal)
            .Replace("${device:regex}", device, StringComparison.Ordinal)
            .Replace("${kind:regex}", ".*", StringComparison.Ordinal)
            .Replace("${severity:regex}", ".*", StringComparison.Ordinal)
            .Replace("${host:regex}", ".*", StringComparison.Ordinal)
            .Replace("${timezone:raw}", "Asia/Almaty", StringComparison.Ordinal);
        Assert.DoesNotContain("$_", filled, StringComparison.Ordinal);
        Assert.DoesNotContain("${", filled, StringComparison.Ordinal);
        return filled;
    }

    private static Instant At(int minute) => new((Start + (minute * 60)) * 1_000);

    private static void WriteSites(LineWriter lines)
    {
        for (int minute = 0; minute < Minutes; minute++)
        {
            for (int s = 1; s <= 2; s++)
            {
                var sums = default(SiteSums);
                for (int r = 1; r <= 3; r++)
                {
                    long milliwatts = ((1_000 * s) + (10 * r) + minute) * 1_000L;
                    var window = new DeviceWindow
                    {
                        Start = At(minute),
                        Readings = 6,
                        PowerReadings = 1,
                        PowerSum = milliwatts,
                        PowerMin = new Power(milliwatts),
                        PowerMax = new Power(milliwatts),
                        HashRateReadings = 1,
                        HashRateSum = 100_000_000,
                        HasTemperature = true,
                        TemperatureMax = new Temperature((s == 1 ? 60 + r : 50) * 1_000),
                        Energy = milliwatts * 1_000 / 60,
                        Estimated = 500_000,
                    };
                    string device = $"s{s}-rig-{r}";
                    Points.Device(lines, new DeviceKey($"s{s}", device), DeviceRole.Rig, window);
                    sums.Add(WindowShare.Of(window, site: null, device));
                }

                Points.Site(lines, $"s{s}", At(minute), sums);
                Points.SiteState(lines, $"s{s}", At(minute), new StateCounts(s, 0, 0, s), new SiteLevy(s * minute, (1_000 * s) + (s * minute)));
            }
        }
    }

    /// <summary>Four are raised: offline on s1-rig-1 (and cleared) and on s2-rig-1, a dead board on s2-rig-2, a meter of s1 that disagrees.</summary>
    private static void WriteAnomalies(LineWriter lines)
    {
        Anomaly offline = Raised("s1", "s1-rig-1", AnomalyKind.Offline, AnomalySeverity.Warning, 10, "nothing heard, \"really\"", 156m);
        foreach (Anomaly anomaly in (Anomaly[])
        [
            offline,
            offline with { Site = "s2", Device = "s2-rig-1" },
            Raised("s2", "s2-rig-2", AnomalyKind.DeadHashBoard, AnomalySeverity.Critical, 100, "a third is gone", 200m),
            Raised("s1", null, AnomalyKind.MeterMismatch, AnomalySeverity.Warning, 200, "4 % more than its devices", null),
        ])
        {
            Points.Anomaly(lines, new AnomalyChange(AnomalyChangeType.Raised, anomaly, anomaly.Raised));
        }

        Points.Anomaly(lines, new AnomalyChange(AnomalyChangeType.Cleared, offline with { Cleared = At(15), Text = "over" }, At(15)));
    }

    private static Anomaly Raised(string site, string? device, AnomalyKind kind, AnomalySeverity severity, int minute, string text, decimal? levy) => new()
    {
        Id = $"{site}-{device}-{kind}",
        Site = site,
        Device = device,
        Kind = kind,
        Severity = severity,
        Raised = At(minute),
        Score = 1,
        Text = text,
        Evidence = [],
        KwhPerDay = 1,
        LevyPerDay = levy,
    };

    /// <summary>
    /// Two hosts, h from 1, started with the day: 600·h messages a minute, of which h are late, 2·h duplicates and the last minute's h are refused;
    /// 60·h commits in 0.6·h s; half a processor; two sources each, of which the second host's one is away in the last minute.
    /// </summary>
    private static void WriteService(LineWriter lines)
    {
        for (int minute = 0; minute < Minutes; minute++)
        {
            bool last = minute == Minutes - 1;
            for (int h = 1; h <= 2; h++)
            {
                Points.Service(lines, $"host-{h}", new ServiceWindow
                {
                    Start = At(minute),
                    Messages = 600 * h,
                    Readings = 590 * h,
                    Duplicates = 2 * h,
                    Late = h,
                    Quarantined = last ? h : 0,
                    Commits = 60 * h,
                    Committing = TimeSpan.FromSeconds(0.6 * h),
                    Sources = 2,
                    SourcesConnected = last && h == 2 ? 1 : 2,
                    PointsSent = 300,
                    PointsLost = last ? 5 : 0,
                    OutboxBytes = 1_000 * h,
                    OutboxLag = TimeSpan.FromSeconds(60 + h),
                    LedgerBytes = (1_000_000 * h) + minute,
                    DiskFreeBytes = (50_000_000L * h) - minute,
                    MemoryBytes = 200_000_000 * h,
                    Processor = TimeSpan.FromSeconds(30),
                    Uptime = TimeSpan.FromMinutes(minute + 1),
                });
            }
        }
    }
}
