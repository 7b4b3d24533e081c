using System.Globalization;
using System.Text;
using System.Text.Json;
using FleetMonitor.Anomalies;
using FleetMonitor.Fleet;
using FleetMonitor.Fleet.Units;
using FleetMonitor.Metering;
using FleetMonitor.RealServers.Ingest;
using FleetMonitor.RealServers.Servers;
using FleetMonitor.Service.Influx;
using Xunit;

namespace FleetMonitor.RealServers.Influx;

/// <summary>
/// The dashboard's own queries against a real InfluxDB that holds three hours of two sites, written as the service writes them. In minute m,
/// rig r of site s draws 1000·s + 10·r + m W (s, r from 1) and hashes 100 TH/s; a site has three rigs.
/// </summary>
[Collection(PatientCollection.Name)]
public sealed class DashboardTests
{
    private const int Minutes = 180;
    private const int Rigs = 3;
    private const long Start = 1_795_248_000;
    private const long End = Start + (Minutes * 60);

    [RealServerFact(InfluxdServer.Program)]
    public async Task EveryQuery_OfTheDashboard_GivesTheRightNumbers()
    {
        string folder = Directory.CreateTempSubdirectory("fleetmonitor-").FullName;
        await using InfluxdServer store = await InfluxdServer.StartAsync(folder);
        await store.QueryAsync("CREATE DATABASE fleetmonitor");
        await store.WriteAsync(Lines());
        using JsonDocument dashboard = JsonDocument.Parse(await File.ReadAllTextAsync(Repository.File("docker/grafana/dashboards/fleet.json")));
        Dictionary<string, string> queries = dashboard.RootElement.GetProperty("panels").EnumerateArray()
            .Where(panel => panel.GetProperty("type").GetString() != "row")
            .ToDictionary(panel => panel.GetProperty("title").GetString()!, panel => panel.GetProperty("targets")[0].GetProperty("query").GetString()!);

        // Per minute m, a site's rigs draw 3000·s + 60 + 3·m W; the newest minute is 179. Both sites: 9000 + 120 + 6·179.
        var expected = new Dictionary<string, Func<Answer, Task>>
        {
            ["Power"] = answer => answer.IsAsync(10_194),
            ["Hash rate"] = answer => answer.IsAsync(600e12),
            ["Efficiency"] = answer => answer.IsAsync(10_194 / 600.0),
            ["Levy today"] = answer => answer.IsAsync(179 * 3),
            ["Levy this period"] = answer => answer.IsAsync(1_000 * 3 + (179 * 3)),
            ["Devices offline"] = answer => answer.IsAsync(3),
            ["Power by site"] = answer => answer.HasAsync("site=s2", 1, Minutes, 6_060, 6_060 + (3 * 179)),
            ["Hash rate by site"] = answer => answer.HasAsync("site=s1", 1, Minutes, 300e12, 300e12),
            ["Efficiency by site"] = answer => answer.HasAsync("site=s1", 1, Minutes, 3_060 / 300.0, 3_597 / 300.0),
            ["Devices by state"] = answer => answer.HasAsync("", 1, Minutes, 3, 3),
            // Minute energies are a sixtieth of the power, in Wh: the first hour's mean power is 3060 + 3·29.5 W.
            ["Energy an hour"] = answer => answer.HasAsync("site=s1", 1, 3, 3_148.5, 3_148.5 + 360),
            ["Energy"] = answer => answer.IsAsync(3 * (9_120 + (6 * 89.5))),
            ["Estimated share"] = answer => answer.IsAsync(Rigs * 2 * Minutes * 0.5 / (3 * (9_120 + (6 * 89.5)))),
            ["Hottest device"] = answer => answer.IsAsync(63),
            ["Levy this period by site"] = answer => answer.HasAsync("site=s2", 1, Minutes, 2_000, 2_000 + (2 * 179)),
            ["Levy today by site"] = answer => answer.HasAsync("site=s2", 1, Minutes, 0, 2 * 179),
            ["Anomalies raised and cleared"] = answer => answer.TableAsync(3, "offline", "cleared", "nothing heard, \"really\""),
            ["Anomalies raised by kind"] = answer => answer.HasAsync("kind=offline", 1, 1, 2, 2),
            // Rig 3 of site 2 draws most: 2030 + 89.5 W on average, over 100 TH/s.
            ["Least efficient devices"] = answer => answer.TableAsync(6, "s2-rig-3", "21.195"),
            ["Hottest devices"] = answer => answer.TableAsync(6, "s1-rig-3", "63"),
            ["Power of $device"] = answer => answer.HasAsync("", 1, Minutes, 1_020, 1_199),
            ["Hash rate of $device"] = answer => answer.HasAsync("", 1, Minutes, 100e12, 100e12),
            ["Efficiency of $device"] = answer => answer.HasAsync("", 1, Minutes, 10.20, 11.99),
            ["Temperature of $device"] = answer => answer.HasAsync("", 1, Minutes, 62, 62),
            ["Energy of $device an hour"] = answer => answer.HasAsync("", 1, 3, 1_020 + 29.5, 1_020 + 29.5 + 120),
            ["Readings of $device"] = answer => answer.HasAsync("", 1, Minutes, 6, 6),
        };
        Assert.Equal(expected.Keys.Order(), queries.Keys.Order());
        foreach ((string title, Func<Answer, Task> check) in expected)
        {
            Exception? wrong = await Record.ExceptionAsync(() => check(new Answer(store, title, Filled(queries[title]))));
            Assert.True(wrong is null, $"{title}: {wrong?.Message}\n{queries[title]}");
        }

        string[] variables = [.. dashboard.RootElement.GetProperty("templating").GetProperty("list").EnumerateArray().Select(variable => variable.GetProperty("query").GetString()!)];
        await new Answer(store, "sites", Filled(variables[0])).TableAsync(2, "s1", "s2");
        await new Answer(store, "devices", Filled(variables[1])).TableAsync(6, "s1-rig-1", "s2-rig-3");
        string[] annotations = [.. dashboard.RootElement.GetProperty("annotations").GetProperty("list").EnumerateArray().Select(list => list.GetProperty("query").GetString()!)];
        await new Answer(store, "raised", Filled(annotations[0])).TableAsync(2, "nothing heard, \"really\"", "s1-rig-1");
        await new Answer(store, "cleared", Filled(annotations[1])).TableAsync(1, "over", "s1-rig-1");
        await store.StopAsync();
        Directory.Delete(folder, recursive: true);
    }

    /// <summary>Puts in what Grafana puts in: all sites, one device, three hours in minutes.</summary>
    private static string Filled(string query)
    {
        string filled = query
            .Replace("$timeFilter", string.Create(CultureInfo.InvariantCulture, $"time >= {Start}s AND time < {End}s"), StringComparison.Ordinal)
            .Replace("$__interval", "1m", StringComparison.Ordinal)
            .Replace("${site:regex}", "(s1|s2)", StringComparison.Ordinal)
            .Replace("${device:regex}", "s1-rig-2", StringComparison.Ordinal);
        Assert.DoesNotContain("$_", filled, StringComparison.Ordinal);
        Assert.DoesNotContain("${", filled, StringComparison.Ordinal);
        return filled;
    }

    private static string Lines()
    {
        var lines = new LineWriter();
        for (int minute = 0; minute < Minutes; minute++)
        {
            var at = new Instant((Start + (minute * 60)) * 1_000);
            for (int s = 1; s <= 2; s++)
            {
                var sums = default(SiteSums);
                for (int r = 1; r <= Rigs; r++)
                {
                    long milliwatts = ((1_000 * s) + (10 * r) + minute) * 1_000L;
                    var window = new DeviceWindow
                    {
                        Start = at,
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

                Points.Site(lines, $"s{s}", at, sums);
                Points.SiteState(lines, $"s{s}", at, new StateCounts(s, 0, 0, s), new SiteLevy(s * minute, (1_000 * s) + (s * minute)));
            }
        }

        var raised = new Instant((Start + 600) * 1_000);
        var anomaly = new Anomaly
        {
            Id = "1",
            Site = "s1",
            Device = "s1-rig-1",
            Kind = AnomalyKind.Offline,
            Severity = AnomalySeverity.Warning,
            Raised = raised,
            Score = 1,
            Text = "nothing heard, \"really\"",
            Evidence = [],
            KwhPerDay = 1,
            LevyPerDay = 156m,
        };
        Points.Anomaly(lines, new AnomalyChange(AnomalyChangeType.Raised, anomaly));
        Points.Anomaly(lines, new AnomalyChange(AnomalyChangeType.Raised, anomaly with { Site = "s2", Device = "s2-rig-1" }));
        Points.Anomaly(lines, new AnomalyChange(AnomalyChangeType.Cleared, anomaly with { Cleared = raised.Plus(TimeSpan.FromMinutes(5)), Text = "over" }));
        return Encoding.UTF8.GetString(lines.Written);
    }

    /// <summary>What one query gives.</summary>
    private sealed class Answer(InfluxdServer store, string title, string query)
    {
        /// <summary>One number: a stat panel.</summary>
        public async Task IsAsync(double expected)
        {
            double[] values = Values(Assert.Single(await SeriesAsync()), 1);
            Assert.Equal(expected, Assert.Single(values), expected * 1e-7);
        }

        /// <summary>A series over time: how many values a column has, the first of them and the last.</summary>
        public async Task HasAsync(string tag, int column, int count, double first, double last)
        {
            JsonElement series = Assert.Single(await SeriesAsync(), series => tag.Length == 0
                || series.GetProperty("tags").EnumerateObject().Any(t => $"{t.Name}={t.Value.GetString()}" == tag));
            double[] values = Values(series, column);
            Assert.True(values.Length == count, $"{title}: {values.Length} values, not {count}");
            Assert.Equal(first, values[0], Math.Abs(first) * 1e-6);
            Assert.Equal(last, values[^1], Math.Abs(last) * 1e-6);
        }

        /// <summary>A table: how many rows, and some of the cells.</summary>
        public async Task TableAsync(int rows, params string[] cells)
        {
            JsonElement[][] table = [.. (await SeriesAsync()).SelectMany(series => series.GetProperty("values").EnumerateArray()).Select(row => row.EnumerateArray().ToArray())];
            Assert.True(table.Length == rows, $"{title}: {table.Length} rows, not {rows}");
            string[] all = [.. table.SelectMany(row => row).Select(cell => cell.ValueKind == JsonValueKind.Number
                ? Math.Round(cell.GetDouble(), 3).ToString(CultureInfo.InvariantCulture)
                : cell.GetString() ?? "")];
            Assert.All(cells, cell => Assert.Contains(cell, all));
        }

        private async Task<IReadOnlyList<JsonElement>> SeriesAsync()
        {
            IReadOnlyList<JsonElement> series = await store.QueryAsync(query);
            Assert.True(series.Count > 0, $"{title} shows nothing: {query}");
            return series;
        }

        private static double[] Values(JsonElement series, int column) =>
            [.. series.GetProperty("values").EnumerateArray().Select(row => row[column]).Where(cell => cell.ValueKind == JsonValueKind.Number).Select(cell => cell.GetDouble())];
    }
}
