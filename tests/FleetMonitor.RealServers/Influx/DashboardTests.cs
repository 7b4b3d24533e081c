using System.Globalization;
using System.Text.Json;
using FleetMonitor.RealServers.Ingest;
using FleetMonitor.RealServers.Servers;
using Xunit;
using static FleetMonitor.RealServers.Influx.DashboardDay;

namespace FleetMonitor.RealServers.Influx;

/// <summary>Every query of every dashboard against a real InfluxDB that holds <see cref="DashboardDay"/>: the numbers are worked out by hand.</summary>
[Collection(PatientCollection.Name)]
public sealed class DashboardTests(DashboardDay day) : IClassFixture<DashboardDay>
{
    private const string BothSites = "(s1|s2)";

    // The newest minute is 1439: a site's rigs then draw 3000·s + 60 + 3·1439 W.
    private const double PowerOf1 = 3_060 + (3 * 1_439);
    private const double PowerOf2 = 6_060 + (3 * 1_439);
    private static readonly double Energy = EnergyOf(1) + EnergyOf(2);

    [RealServerFact(InfluxdServer.Program)]
    public Task Fleet_ShowsTheRightNumbers() => CheckAsync("fleet", BothSites, new()
    {
        ["Power"] = answer => answer.IsAsync(PowerOf1 + PowerOf2),
        ["Hash rate"] = answer => answer.IsAsync(600e12),
        ["Efficiency"] = answer => answer.IsAsync((PowerOf1 + PowerOf2) / 600),
        ["Levy today"] = answer => answer.IsAsync(3 * 1_439),
        ["Levy this period"] = answer => answer.IsAsync(3_000 + (3 * 1_439)),
        ["Devices offline"] = answer => answer.IsAsync(3),
        ["Power by site"] = answer => answer.HasAsync("site=s2", 1, Minutes, 6_060, PowerOf2),
        ["Hash rate by site"] = answer => answer.HasAsync("site=s1", 1, Minutes, 300e12, 300e12),
        ["Efficiency by site"] = answer => answer.HasAsync("site=s1", 1, Minutes, 3_060 / 300.0, PowerOf1 / 300),
        ["Devices by state"] = answer => answer.HasAsync("", 1, Minutes, 3, 3),
        // Minute energies are a sixtieth of the power: the first hour's mean power is 3060 + 3·29.5 W, the last one's 23·180 W more.
        ["Energy an hour by site"] = answer => answer.HasAsync("site=s1", 1, 24, 3_148.5, 3_148.5 + 4_140),
        ["Energy"] = answer => answer.IsAsync(Energy),
        ["Estimated share"] = answer => answer.IsAsync(2 * Estimated / Energy),
        ["Hottest device"] = answer => answer.IsAsync(63),
        ["Sites"] = answer => answer.TableAsync(2, Number(PowerOf2), Number(300e12), Number(2 * 1_439), Number(2_000 + (2 * 1_439))),
        ["Variable: site"] = answer => answer.TableAsync(2, "s1", "s2"),
        ["Annotation: Anomalies raised"] = answer => answer.TableAsync(4, "nothing heard, \"really\"", "s1-rig-1", "dead-hash-board"),
        ["Annotation: Anomalies cleared"] = answer => answer.TableAsync(1, "over", "s1-rig-1"),
    });

    [RealServerFact(InfluxdServer.Program)]
    public Task Site_ShowsTheRightNumbersOfItAlone() => CheckAsync("site", "s2", new()
    {
        ["Power"] = answer => answer.IsAsync(PowerOf2),
        ["Hash rate"] = answer => answer.IsAsync(300e12),
        ["Efficiency"] = answer => answer.IsAsync(PowerOf2 / 300),
        ["Levy today"] = answer => answer.IsAsync(2 * 1_439),
        ["Levy this period"] = answer => answer.IsAsync(2_000 + (2 * 1_439)),
        ["Devices offline"] = answer => answer.IsAsync(2),
        ["Power (2)"] = answer => answer.HasAsync("", 1, Minutes, 6_060, PowerOf2),
        ["Hash rate (2)"] = answer => answer.HasAsync("", 1, Minutes, 300e12, 300e12),
        ["Efficiency (2)"] = answer => answer.HasAsync("", 1, Minutes, 6_060 / 300.0, PowerOf2 / 300),
        ["Devices by state"] = answer => answer.HasAsync("", 4, Minutes, 2, 2),
        // Three rigs, half a watt-hour a minute.
        ["Energy an hour"] = answer => answer.HasAsync("", 2, 24, 90, 90),
        ["Hottest device over time"] = answer => answer.HasAsync("", 1, Minutes, 50, 50),
        // Rig 3 of site 2 draws most: 2030 + 719.5 W on average, over 100 TH/s.
        ["Least efficient devices"] = answer => answer.TableAsync(3, "s2-rig-3", "27.495"),
        ["Hottest devices"] = answer => answer.TableAsync(3, "s2-rig-1", "50"),
        ["Devices with most energy"] = answer => answer.TableAsync(3, "s2-rig-3"),
        ["Readings a minute"] = answer => answer.HasAsync("", 1, Minutes, 18, 18),
        ["Raised and cleared"] = answer => answer.TableAsync(2, "s2-rig-1", "dead-hash-board", "critical", "200"),
        ["Variable: site"] = answer => answer.TableAsync(2, "s1", "s2"),
        ["Annotation: Anomalies raised"] = answer => answer.TableAsync(2, "s2-rig-1", "a third is gone"),
        ["Annotation: Anomalies cleared"] = answer => answer.NothingAsync(),
    });

    [RealServerFact(InfluxdServer.Program)]
    public Task Device_ShowsTheRightNumbersOfItAlone() => CheckAsync("device", "s1", new()
    {
        // Rig 2 of site 1 draws 1020 + m W.
        ["Power"] = answer => answer.IsAsync(1_020 + 1_439),
        ["Hash rate"] = answer => answer.IsAsync(100e12),
        ["Efficiency"] = answer => answer.IsAsync(24.59),
        ["Temperature"] = answer => answer.IsAsync(62),
        ["Energy"] = answer => answer.IsAsync(24 * (1_020 + 719.5)),
        ["Estimated share"] = answer => answer.IsAsync(720 / (24 * (1_020 + 719.5))),
        ["Power over time"] = answer => answer.HasAsync("", 1, Minutes, 1_020, 2_459),
        ["Hash rate over time"] = answer => answer.HasAsync("", 1, Minutes, 100e12, 100e12),
        ["Efficiency over time"] = answer => answer.HasAsync("", 1, Minutes, 10.20, 24.59),
        ["Temperature over time"] = answer => answer.HasAsync("", 1, Minutes, 62, 62),
        ["Energy an hour"] = answer => answer.HasAsync("", 1, 24, 1_020 + 29.5, 1_020 + 29.5 + 1_380),
        ["Readings"] = answer => answer.HasAsync("", 1, Minutes, 6, 6),
        ["Raised and cleared"] = answer => answer.TableAsync(2, "s1-rig-1", "raised", "cleared"),
        ["Variable: site"] = answer => answer.TableAsync(2, "s1", "s2"),
        ["Variable: device"] = answer => answer.TableAsync(3, "s1-rig-1", "s1-rig-3"),
        ["Annotation: Anomalies raised"] = answer => answer.TableAsync(1, "s1-rig-1", "offline"),
        ["Annotation: Anomalies cleared"] = answer => answer.TableAsync(1, "over"),
    },
    // What happened, happened to rig 1.
    title => title.StartsWith("Annotation", StringComparison.Ordinal) || title == "Raised and cleared" ? "s1-rig-1" : "s1-rig-2");

    [RealServerFact(InfluxdServer.Program)]
    public Task Levy_ShowsTheRightNumbers_ByLocalDay() => CheckAsync("levy", BothSites, new()
    {
        ["Levy this period"] = answer => answer.IsAsync(3_000 + (3 * 1_439)),
        ["Levy today"] = answer => answer.IsAsync(3 * 1_439),
        ["Energy"] = answer => answer.IsAsync(Energy),
        ["Estimated share"] = answer => answer.IsAsync(2 * Estimated / Energy),
        ["Sites"] = answer => answer.IsAsync(2),
        ["Levy this period by site"] = answer => answer.HasAsync("site=s2", 1, Minutes, 2_000, 2_000 + (2 * 1_439)),
        ["Levy today by site"] = answer => answer.HasAsync("site=s2", 1, Minutes, 0, 2 * 1_439),
        // One local day, which lies in two days of UTC.
        ["Levy by day"] = answer => answer.HasAsync("site=s2", 1, 1, 2 * 1_439, 2 * 1_439),
        ["Energy by day"] = answer => answer.HasAsync("site=s1", 1, 1, EnergyOf(1), EnergyOf(1)),
        // s a minute; the first hour has none before it.
        ["Levy an hour"] = answer => answer.HasAsync("site=s2", 1, 23, 120, 120),
        ["Estimated share by day"] = answer => answer.HasAsync("site=s1", 1, 1, Estimated / EnergyOf(1), Estimated / EnergyOf(1)),
        ["Sites as the books stood last"] = answer => answer.TableAsync(2, Number(1_439), Number(1_000 + 1_439)),
        ["Devices with most energy"] = answer => answer.TableAsync(6, "s2-rig-3", "s1-rig-1"),
        ["Variable: site"] = answer => answer.TableAsync(2, "s1", "s2"),
        ["Annotation: What costs levy"] = answer => answer.TableAsync(3, "a third is gone"),
        ["Annotation: Registers and meters"] = answer => answer.TableAsync(1, "meter-mismatch"),
    });

    [RealServerFact(InfluxdServer.Program)]
    public Task Anomalies_ShowTheRightNumbers() => CheckAsync("anomalies", BothSites, new()
    {
        ["Not cleared"] = answer => answer.IsAsync(3),
        ["Raised"] = answer => answer.IsAsync(4),
        ["Cleared"] = answer => answer.IsAsync(1),
        ["Levy a day of what was raised"] = answer => answer.IsAsync(156 + 156 + 200),
        ["Raised by kind"] = answer => answer.HasAsync("kind=offline", 1, 1, 2, 2),
        ["Raised by severity"] = answer => answer.HasAsync("severity=critical", 1, 1, 1, 1),
        // At minute 10 and at minute 200.
        ["Raised by site"] = answer => answer.HasAsync("site=s1", 1, 2, 1, 1),
        ["Devices with most"] = answer => answer.TableAsync(4, "s1-rig-1", "s2-rig-2"),
        ["Raised and cleared"] = answer => answer.TableAsync(5, "offline", "cleared", "nothing heard, \"really\"", "156"),
        ["Variable: site"] = answer => answer.TableAsync(2, "s1", "s2"),
        ["Variable: kind"] = answer => answer.TableAsync(3, "dead-hash-board", "meter-mismatch"),
        ["Variable: severity"] = answer => answer.TableAsync(2, "critical", "warning"),
        ["Annotation: Critical raised"] = answer => answer.TableAsync(1, "a third is gone", "s2-rig-2"),
    });

    [RealServerFact(InfluxdServer.Program)]
    public Task Service_ShowsTheRightNumbers() => CheckAsync("service", BothSites, new()
    {
        ["Sources away"] = answer => answer.IsAsync(1),
        ["Messages a second"] = answer => answer.IsAsync(30),
        ["Quarantined"] = answer => answer.IsAsync(3),
        ["Points wait for"] = answer => answer.IsAsync(62),
        ["Disk free"] = answer => answer.IsAsync(50_000_000 - 1_439),
        ["Up since"] = answer => answer.IsAsync(86_400),
        ["Messages each second"] = answer => answer.HasAsync("host=host-2", 1, Minutes, 20, 20),
        ["Readings that were odd"] = answer => answer.HasAsync("", 2, Minutes, 3, 3),
        ["Commit, mean"] = answer => answer.HasAsync("host=host-1", 1, Minutes, 0.01, 0.01),
        ["Sources connected"] = answer => answer.HasAsync("host=host-2", 1, Minutes, 2, 1),
        ["Processors in use"] = answer => answer.HasAsync("host=host-1", 1, Minutes, 0.5, 0.5),
        ["Memory"] = answer => answer.HasAsync("host=host-2", 1, Minutes, 400e6, 400e6),
        ["Ledger and disk"] = answer => answer.HasAsync("host=host-1", 2, Minutes, 50e6, 50e6 - 1_439),
        ["Points that wait"] = answer => answer.HasAsync("host=host-2", 1, Minutes, 2_000, 2_000),
        ["Age of the oldest point that waits"] = answer => answer.HasAsync("host=host-1", 1, Minutes, 61, 61),
        ["Points sent and lost"] = answer => answer.HasAsync("", 2, Minutes, 0, 10),
        ["Variable: host"] = answer => answer.TableAsync(2, "host-1", "host-2"),
        ["Annotation: Started"] = answer => answer.TableAsync(2, "host-1", "host-2"),
    });

    private static string Number(double value) => value.ToString(CultureInfo.InvariantCulture);

    /// <summary>Asks everything that the dashboard asks, and holds each answer against what is expected of it. Nothing may be left over.</summary>
    private async Task CheckAsync(string name, string sites, Dictionary<string, Func<PanelAnswer, Task>> expected, Func<string, string>? deviceOf = null)
    {
        Dictionary<string, string> queries = Queries(name);
        Assert.Equal(expected.Keys.Order(), queries.Keys.Order());
        InfluxdServer store = await day.StoreAsync();
        foreach ((string title, Func<PanelAnswer, Task> check) in expected)
        {
            string query = Filled(queries[title], sites, deviceOf?.Invoke(title) ?? "s1-rig-2");
            Exception? wrong = await Record.ExceptionAsync(() => check(new PanelAnswer(store, title, query)));
            Assert.True(wrong is null, $"{title}: {wrong?.Message}\n{query}");
        }
    }

    /// <summary>By title; a second panel of the same title is "… (2)".</summary>
    private static Dictionary<string, string> Queries(string name)
    {
        using JsonDocument dashboard = JsonDocument.Parse(File.ReadAllText(Repository.File($"docker/grafana/dashboards/{name}.json")));
        var queries = new Dictionary<string, string>();
        foreach (JsonElement panel in dashboard.RootElement.GetProperty("panels").EnumerateArray().Where(panel => panel.GetProperty("type").GetString() != "row"))
        {
            string title = panel.GetProperty("title").GetString()!;
            queries.Add(queries.ContainsKey(title) ? $"{title} (2)" : title, Assert.Single(panel.GetProperty("targets").EnumerateArray()).GetProperty("query").GetString()!);
        }

        foreach (JsonElement variable in dashboard.RootElement.GetProperty("templating").GetProperty("list").EnumerateArray()
            .Where(variable => variable.GetProperty("type").GetString() == "query"))
        {
            queries.Add($"Variable: {variable.GetProperty("name").GetString()}", variable.GetProperty("query").GetString()!);
        }

        foreach (JsonElement annotation in dashboard.RootElement.GetProperty("annotations").GetProperty("list").EnumerateArray())
        {
            queries.Add($"Annotation: {annotation.GetProperty("name").GetString()}", annotation.GetProperty("query").GetString()!);
        }

        return queries;
    }
}
