using System.Globalization;
using FleetMonitor.RealServers.Ingest;
using FleetMonitor.RealServers.Servers;
using Xunit;

namespace FleetMonitor.RealServers.Browser;

/// <summary>The built-in pages, in a real browser, over a service that a simulated fleet publishes to.</summary>
[Collection(BusyCollection.Name)]
public sealed class PagesTests
{
    /// <summary>Set to make the pictures anew: <c>FLEETMONITOR_SCREENSHOTS=1 dotnet test tests/FleetMonitor.RealServers --filter Pages</c>.</summary>
    private const string PicturesVariable = "FLEETMONITOR_SCREENSHOTS";

    [RealServerFact("chromium")]
    public async Task Pages_OverALiveFleet_ShowItInBothLanguages()
    {
        string directory = Directory.CreateTempSubdirectory("fleetmonitor-pages-").FullName;
        int http = LoopbackPort.Free();
        int mqtt = LoopbackPort.Free();
        string url = $"http://127.0.0.1:{http}/";
        try
        {
            await using ChildProcess service = Tool.Start(
            [
                "run", "--set", $"Ledger:Directory={Path.Combine(directory, "ledger")}", "--set", $"Http:Url={url}", "--set",
                $"Mqtt:Listener:Port={mqtt}", "--set", "Fleet:StaleAfter=3s", "--set", "Fleet:OfflineAfter=5s", "--set", "Anomalies:WarmUp=0s",
            ]);
            await LoopbackPort.WaitForAsync(mqtt, Tool.Patience);
            await using ChildProcess fleet = Tool.Start(
            [
                "simulate", "--broker", $"127.0.0.1:{mqtt}", "--rigs", "1000", "--interval", "1", "--faults", Faults(directory),
            ]);
            await WaitForAnomalyAsync(url);

            string page = await Chromium.DocumentAsync(url);
            Assert.Contains("Levy today", page, StringComparison.Ordinal);
            Assert.Contains("mining", page, StringComparison.Ordinal);
            Assert.Contains("1,000", page, StringComparison.Ordinal);
            string russian = await Chromium.DocumentAsync($"{url}?lang=ru");
            Assert.Contains("Хешрейт", russian, StringComparison.Ordinal);
            string devices = await Chromium.DocumentAsync($"{url}#/devices");
            Assert.Contains("rig-1", devices, StringComparison.Ordinal);
            string device = await Chromium.DocumentAsync($"{url}#/devices/site-1/rig-17");
            Assert.Contains("rig-17", device, StringComparison.Ordinal);
            string anomalies = await Chromium.DocumentAsync($"{url}#/anomalies");
            Assert.Contains("rig-7", anomalies, StringComparison.Ordinal);
            string levy = await Chromium.DocumentAsync($"{url}#/levy");
            Assert.Contains("Pay by", levy, StringComparison.Ordinal);
            Assert.Contains("site-1", levy, StringComparison.Ordinal);

            if (Environment.GetEnvironmentVariable(PicturesVariable) == "1")
            {
                await TakePicturesAsync(url);
            }
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
    }

    private static string Faults(string directory)
    {
        string file = Path.Combine(directory, "faults.jsonl");
        File.WriteAllLines(file, ((int[])[7, 8, 9, 311, 812]).Select(rig => string.Create(
            CultureInfo.InvariantCulture, $$"""{"at":"00:00:03","device":"rig-{{rig}}","kind":"no-data","for":"01:00:00"}""")));
        return file;
    }

    private static async Task WaitForAnomalyAsync(string url)
    {
        using var client = new HttpClient();
        using var timeout = new CancellationTokenSource(Tool.Patience);
        while (!(await client.GetStringAsync($"{url}api/v1/anomalies?active=true", timeout.Token)).Contains("rig-7", StringComparison.Ordinal))
        {
            await Task.Delay(250, timeout.Token);
        }
    }

    private static async Task TakePicturesAsync(string url)
    {
        (string Name, string Page, string Size, bool Dark)[] pictures =
        [
            ("fleet", "", "1400,1000", false),
            ("fleet-dark", "", "1400,1000", true),
            ("fleet-phone", "", "420,900", false),
            ("devices", "#/devices", "1400,1000", false),
            ("device", "#/devices/site-1/rig-17", "1400,1000", false),
            ("anomalies", "#/anomalies", "1400,1000", false),
            ("levy", "#/levy", "1400,1000", false),
        ];
        foreach ((string name, string page, string size, bool dark) in pictures)
        {
            string file = Path.Combine(Folder(), name + ".png");
            await Chromium.PictureAsync(url + page, size, file, dark);
            Assert.True(new FileInfo(file).Length > 10_000, $"{file} is no picture of a page.");
        }
    }

    private static string Folder()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "FleetMonitor.sln")))
        {
            folder = folder.Parent;
        }

        return Path.Combine(folder!.FullName, "tests", "FleetMonitor.RealServers", "Screenshots");
    }
}
