namespace FleetMonitor.RealServers.Browser;

/// <summary>
/// Pictures of every page, on a desktop and on a phone, where they are asked for:
/// <c>FLEETMONITOR_SCREENSHOTS=1 dotnet test tests/FleetMonitor.RealServers --filter Pages</c>. Those that README shows lie in the repository;
/// the others in its <c>artifacts</c>.
/// </summary>
internal static class Pictures
{
    private const string Variable = "FLEETMONITOR_SCREENSHOTS";
    private static readonly string[] Kept =
        ["fleet-1000", "fleet-1000-dark", "fleet-1000-phone", "site-55000", "device-1000", "anomalies-1000", "period-1000"];

    private static bool Wanted => Environment.GetEnvironmentVariable(Variable) == "1";

    public static void Note(string figures)
    {
        if (Wanted)
        {
            File.WriteAllText(Path.Combine(Folder("artifacts/screenshots"), "figures.txt"), figures + "\n");
        }
    }

    /// <param name="size">Goes into the names.</param>
    public static async Task TakeAsync(Tab tab, PageFleet fleet, string size)
    {
        if (!Wanted)
        {
            return;
        }

        // Not before those that are silent are known to be.
        await tab.GoAsync($"{fleet.Url}#/anomalies");
        await tab.ShowsAsync("rig-441");
        string period = $"#/levy/{DateTime.UtcNow.Year}-Q{((DateTime.UtcNow.Month - 1) / 3) + 1}/{PageFleet.Site}";
        foreach ((string name, string page, string shows) in (IEnumerable<(string, string, string)>)
        [
            ("fleet", "", "Every device"),
            ("site", $"#/sites/{PageFleet.Site}", "Racks that need"),
            ("heat", $"#/sites/{PageFleet.Site}?show=temperature", "no live value"),
            ("devices", "#/devices", "rig-1"),
            ("device", $"#/devices/{PageFleet.Site}/rig-17?hours=24", "Days of this quarter"),
            ("anomalies", "#/anomalies", "Offline"),
            ("levy", "#/levy", "Pay by"),
            ("period", period, "Lines"),
            ("quarantine", "#/quarantine", "wrong-type"),
            ("service", "#/service", "Messages"),
        ])
        {
            foreach ((string suffix, Screen screen) in (IEnumerable<(string, Screen)>)
                [("", Screen.Desktop), ("-dark", Screen.Desktop with { Dark = true }), ("-phone", Screen.OnPhone)])
            {
                await tab.LookAsync(screen);
                await tab.GoAsync(fleet.Url + page);
                await tab.ShowsAsync(shows);
                // A second answer, so that rates are there, and the badges in the navigation.
                await tab.EvaluateAsync("new Promise(resolve => setTimeout(resolve, 2600))");
                string picture = $"{name}-{size}{suffix}";
                string folder = Folder(Kept.Contains(picture) ? "tests/FleetMonitor.RealServers/Screenshots" : "artifacts/screenshots");
                await tab.PictureAsync(Path.Combine(folder, picture + ".png"), whole: screen.Phone && !Kept.Contains(picture));
            }
        }

        await tab.LookAsync(Screen.Desktop);
    }

    private static string Folder(string name) => Directory.CreateDirectory(Repository.File(name)).FullName;
}
