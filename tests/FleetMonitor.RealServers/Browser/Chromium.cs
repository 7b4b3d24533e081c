using System.Globalization;
using FleetMonitor.RealServers.Servers;

namespace FleetMonitor.RealServers.Browser;

/// <summary>Debian's Chromium without a window: opens one address, and gives the page as it then stands.</summary>
internal static class Chromium
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    /// <summary>Milliseconds of the page's own time: enough for it to load and to ask for live values a few times.</summary>
    private const int PageTime = 4_000;

    /// <summary>The page's document after its scripts have run.</summary>
    public static async Task<string> DocumentAsync(string url) => (await RunAsync(url, "1400,1000", "--dump-dom")).Output;

    /// <param name="size">Width and height in pixels, with a comma.</param>
    public static Task PictureAsync(string url, string size, string file, bool dark = false) => RunAsync(
        url, size, $"--screenshot={file}", dark ? "--blink-settings=preferredColorScheme=0" : "--blink-settings=preferredColorScheme=1");

    private static async Task<ChildResult> RunAsync(string url, string size, params string[] what)
    {
        DirectoryInfo profile = Directory.CreateTempSubdirectory("fleetmonitor-chromium-");
        try
        {
            return await ChildProcess.RunAsync(
                Programs.Require("chromium"),
                [
                    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
                    "--disable-component-update", "--disable-sync", "--hide-scrollbars", $"--user-data-dir={profile.FullName}",
                    $"--window-size={size}", string.Create(CultureInfo.InvariantCulture, $"--virtual-time-budget={PageTime}"), .. what, url,
                ],
                Patience);
        }
        finally
        {
            profile.Delete(recursive: true);
        }
    }
}
