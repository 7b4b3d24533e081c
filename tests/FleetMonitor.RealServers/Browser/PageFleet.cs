using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using FleetMonitor.RealServers.Ingest;
using FleetMonitor.RealServers.Servers;

namespace FleetMonitor.RealServers.Browser;

/// <summary>
/// A fleet to look at: racks of forty in halls of 25, a day of history for some of it, things that go wrong, messages that are refused, and a
/// simulator that publishes for all of it.
/// </summary>
internal sealed class PageFleet : IAsyncDisposable
{
    public const string Site = "ekibastuz-1";
    public const string OperatorKey = "operator's";
    public const string FinanceKey = "finance's";

    private const int RackSize = 40;
    private const int RacksOfAHall = 25;

    /// <summary>Silent ones, a whole rack of them, and others that are wrong in ways that can be seen.</summary>
    private static readonly (int Rig, string Kind)[] Faults =
    [
        .. Enumerable.Range(441, 40).Select(rig => (rig, "no-data")), (7, "no-data"), (311, "no-data"), (812, "offline"),
        .. Enumerable.Range(601, 9).Select(rig => (rig, "zero-hash")), .. Enumerable.Range(121, 40).Select(rig => (rig, "overheat")),
        (45, "hash-drop"), (700, "register-reset"),
    ];

    /// <summary>Settings that give an operator and finance a key each.</summary>
    public static (string Key, string Value)[] Keys =>
    [
        ("Http:Keys:0:Name", "olga"), ("Http:Keys:0:Role", "operator"), ("Http:Keys:0:Sha256", Hash(OperatorKey)),
        ("Http:Keys:1:Name", "ann"), ("Http:Keys:1:Role", "finance"), ("Http:Keys:1:Sha256", Hash(FinanceKey)),
    ];

    private readonly TestSite _site = TestSite.WithoutBroker();
    private ChildProcess? _simulator;

    public string Url => _site.Url.ToString();

    /// <param name="history">How many rigs have a day behind them.</param>
    /// <param name="interval">Seconds between readings of a rig.</param>
    public static async Task<PageFleet> StartAsync(int rigs, int history, int interval, params (string Key, string Value)[] settings)
    {
        var fleet = new PageFleet();
        await fleet.WriteFilesAsync(rigs, history);
        TestSite site = fleet._site;
        site.Set("Fleet:File", site.File("fleet.json"));
        site.Set("Metering:MaxGap", "10m");
        site.Set("Anomalies:WarmUp", "0s");
        site.Set("Fleet:StaleAfter", $"{interval * 2}s");
        site.Set("Fleet:OfflineAfter", $"{interval * 3}s");
        foreach ((string key, string value) in settings)
        {
            site.Set(key, value);
        }

        ChildResult replayed = await site.RunAsync(["replay", "--input", site.File("history.jsonl")]);
        if (replayed.ExitCode != 0)
        {
            throw new InvalidOperationException(replayed.Errors);
        }

        await site.StartServiceAsync();
        fleet._simulator = Tool.Start(
        [
            "simulate", "--broker", $"127.0.0.1:{site.MqttPort}", "--site", Site, "--rigs", Text(rigs), "--interval", Text(interval),
            "--faults", site.File("faults.jsonl"),
        ]);
        return fleet;
    }

    public async ValueTask DisposeAsync()
    {
        if (_simulator is not null)
        {
            await _simulator.DisposeAsync();
        }

        await _site.DisposeAsync();
    }

    private async Task WriteFilesAsync(int rigs, int history)
    {
        var fleet = new StringBuilder();
        fleet.Append(CultureInfo.InvariantCulture, $$"""
            {"sites":[{"id":"{{Site}}","name":"Ekibastuz 1","timeZone":"Asia/Almaty","payer":{"name":"Example Mining LLP","bin":"123456789012"},
            "maxPowerKw":180000,"licence":[{"from":"2023-04-01","value":"subtype-1"}],"energySource":[{"from":"2022-01-01","value":"grid"}],
            "meterStatus":[{"from":"2022-01-01","value":"working"}],"contractPrice":[{"from":"2022-01-01","value":21.3}],"devices":[
            """);
        for (int rig = 1; rig <= rigs; rig++)
        {
            int rack = (rig - 1) / RackSize;
            fleet.Append(CultureInfo.InvariantCulture, $$"""
                {{(rig == 1 ? "" : ",")}}{"id":"rig-{{rig}}","model":"Antminer S19 Pro","rack":"{{Hall(rack)}}-{{(rack % RacksOfAHall) + 1:00}}","importPermit":"KNB-2022-17",
                "nameplate":{"powerW":4500,"hashrateThs":200},"tenant":[{"from":"2022-01-01","value":"{{(rack % 3 == 0 ? "acme" : "north-star")}}"}]}
                """);
        }

        await File.WriteAllTextAsync(_site.File("fleet.json"), fleet.Append("]}]}").ToString());
        await File.WriteAllLinesAsync(_site.File("faults.jsonl"), Faults.Where(fault => fault.Rig <= rigs).Select(fault =>
            $$"""{"at":"00:00:04","device":"rig-{{fault.Rig}}","kind":"{{fault.Kind}}"{{(fault.Kind == "register-reset" ? "" : ",\"for\":\"12:00:00\"")}}}"""));
        await File.WriteAllLinesAsync(_site.File("history.jsonl"), History(history));
    }

    /// <summary>Power by the hour of the day, a reading every five minutes; and some messages that cannot be taken.</summary>
    private static IEnumerable<string> History(int rigs)
    {
        DateTimeOffset now = DateTimeOffset.UtcNow;
        for (DateTimeOffset at = now.AddHours(-25); at < now.AddMinutes(-4); at = at.AddMinutes(5))
        {
            double warmth = Math.Sin(at.TimeOfDay.TotalHours / 24 * Math.Tau);
            for (int rig = 1; rig <= rigs; rig++)
            {
                bool away = rig % 17 == 0 && at.Hour == 3;
                if (!away)
                {
                    double power = 3_200 + (60 * warmth) + (rig * 37 % 90) + ((rig * at.Minute) % 41);
                    yield return Line(at, $"rig-{rig}", $$"""{\"power_w\":{{Text(power)}},\"hashrate_ths\":{{Text(power / 29.5)}},\"temp_c\":{{Text(58 + (4 * warmth))}},\"status\":\"mining\"}""");
                }
            }
        }

        foreach (string payload in (string[])["{\\\"power_w\\\":\\\"3300\\\"}", "{\\\"power_w\\\":33", "{\\\"power_w\\\":-40}", "{\\\"ts\\\":\\\"2031-01-01T00:00:00Z\\\",\\\"power_w\\\":3100}"])
        {
            yield return Line(now.AddMinutes(-30), "rig-13", payload);
        }

        yield return Line(now.AddMinutes(-29), "rig-1", "{\\\"power_w\\\":3100}").Replace(Site, "ekibastus-1", StringComparison.Ordinal);
    }

    private static string Line(DateTimeOffset at, string rig, string payload) =>
        $$"""{"at":"{{at.UtcDateTime:yyyy-MM-ddTHH:mm:ss.fffZ}}","topic":"fleet/{{Site}}/{{rig}}/telemetry","payload":"{{payload}}"}""";

    /// <summary>A, B, … Z, AA, AB, …</summary>
    private static string Hall(int rack)
    {
        int hall = rack / RacksOfAHall;
        return hall < 26 ? ((char)('A' + hall)).ToString() : $"{(char)('A' + (hall / 26) - 1)}{(char)('A' + (hall % 26))}";
    }

    private static string Hash(string key) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(key)));

    private static string Text(IFormattable value) => value is double number
        ? number.ToString("0.###", CultureInfo.InvariantCulture)
        : value.ToString(null, CultureInfo.InvariantCulture);
}
